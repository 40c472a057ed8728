"""The fuzzer notices whatever an input may do to the process that reads it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fuzz.worker import Worker


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker("unit.fuzz.planted", timeout_s=60)
    yield made
    made.stop()


def test_all_is_well(worker: Worker) -> None:
    assert worker.run("fine", b"a") is None
    assert worker.run("fine", b"b") is None


@pytest.mark.parametrize(("target", "kind"), [("fails", "ValueError"), ("panics", "PanicError")])
def test_an_error_is_told_apart_by_its_place(worker: Worker, target: str, kind: str) -> None:
    failure = worker.run(target, b"what is wrong")
    assert failure
    assert failure.kind == f"{kind} in planted.py:{target}"
    assert "what is wrong" in failure.details


def test_a_death_is_of_one_input(worker: Worker) -> None:
    failure = worker.run("dies", b"")
    assert failure
    assert (failure.kind, failure.details) == ("death", "killed by SIGSEGV")
    assert worker.run("fine", b"a") is None


def test_a_hang_ends() -> None:
    worker = Worker("unit.fuzz.planted", timeout_s=1)
    failure = worker.run("hangs", b"")
    assert failure
    assert failure.kind == "hang"
