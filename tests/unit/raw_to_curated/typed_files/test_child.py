"""What the function sees of a worker's end, whatever ends it."""

from __future__ import annotations

import io
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from data_plane.curation import curate
from data_plane.sources import CARD, PRICES, card_frame, only
from data_plane.workbooks import number, prices, row, text
from datalake.memory import MemoryStorage
from lambda_app.s3_events import CreatedObject
from raw_to_curated.clean import Cleaner
from raw_to_curated.curate import AccountingError
from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.service import Service
from raw_to_curated.sources.model import Source
from raw_to_curated.typed_files import child, excel, parquet


@pytest.fixture
def dying(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], RejectedError]:
    """The rejection by a worker that runs some Python code instead."""
    monkeypatch.setattr(child, "_WORKER", "dying_worker")
    monkeypatch.syspath_prepend(str(tmp_path))

    def rejection(code: str) -> RejectedError:
        preamble = "import os, signal, struct, sys, time\nout = os.fdopen(1, 'wb', 0)\n"
        (tmp_path / "dying_worker.py").write_text(preamble + code)
        with (
            pytest.raises(RejectedError) as caught,
            child.worker({}, tmp_path, ObjectReason.CORRUPT_PARQUET) as reader,
        ):
            list(reader.rows())
        return caught.value

    return rejection


@pytest.mark.parametrize("name", ["SIGABRT", "SIGSEGV", "SIGBUS", "SIGILL", "SIGKILL"])
def test_a_signal(dying: Callable[[str], RejectedError], name: str) -> None:
    error = dying(f"os.kill(os.getpid(), signal.{name})")
    assert error.reason is ObjectReason.READER_STOPPED
    assert name in error.message


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("sys.exit(3)", "status 3"),
        ("raise BaseException('a value')", "status 1"),
        ("out.write(struct.pack('!BI', 2, 100) + b'too few')", "status 0"),
        ("out.write(b'xx')", "status 0"),
        ("out.write(struct.pack('!BI', 2, 2**32 - 1))", "more at once"),
        ("out.write(b'no frames at all')", "more at once"),
    ],
)
def test_an_end_without_all_frames(
    dying: Callable[[str], RejectedError], code: str, expected: str
) -> None:
    error = dying(code)
    assert error.reason is ObjectReason.CORRUPT_PARQUET
    assert expected in error.message
    assert "a value" not in error.message


def test_a_limit_of_cpu_time(dying: Callable[[str], RejectedError]) -> None:
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_CPU, (1, 2))\n"
    assert "s of CPU time" in dying(limit + "while True: pass").message


def test_a_limit_of_time(
    dying: Callable[[str], RejectedError], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "WAIT_SECONDS", 0)
    assert "more than 0 s" in dying("time.sleep(600)").message


LIMITED_WORKER = """
import runpy
from raw_to_curated.typed_files import limits
limits.MEMORY_MIB = {mib}
runpy.run_module("raw_to_curated.typed_files.worker", run_name="__main__")
"""


def large_parquet() -> bytes:
    """30 KB, of which two values are 25 MB each."""
    body = io.BytesIO()
    value = pl.lit("x" * 25_000_000).alias("TERMINAL_ID")
    card_frame().head(2).with_columns(value).write_parquet(body, statistics=False)
    return body.getvalue()


def large_workbook() -> bytes:
    return prices(row(text("85123A"), text("x" * 20_000_000), text("Home"), number(2.55)))


@pytest.mark.parametrize(
    ("source", "key", "body", "mib"),
    [
        # Small files are read within these limits.
        (CARD, "card-transactions/a.parquet", large_parquet(), 192),
        (PRICES, "price-list/a.xlsx", large_workbook(), 48),
    ],
    ids=["parquet", "workbook"],
)
def test_a_small_file_that_takes_much_memory_is_rejected_at_the_limit_and_only_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, source: Source, key: str, body: bytes, mib: int
) -> None:
    assert len(body) < 40_000
    for module in (excel, parquet):
        monkeypatch.setattr(module, "worker", child.worker)
    assert curate(source, key, body).quarantine["reasons"][0].to_list() == ["record_too_long"]
    (tmp_path / "limited_worker.py").write_text(LIMITED_WORKER.format(mib=mib))
    monkeypatch.setattr(child, "_WORKER", "limited_worker")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(RejectedError, match="memory") as caught:
        curate(source, key, body)
    assert caught.value.reason is ObjectReason.READER_STOPPED


def test_a_worker_sees_no_secret_and_no_file_of_the_function(
    monkeypatch: pytest.MonkeyPatch,
    dying: Callable[[str], RejectedError],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    inherited, _ = os.pipe()
    os.set_inheritable(inherited, True)
    dying("sys.stderr.write(repr([dict(os.environ), os.listdir('/proc/self/fd')]))")
    environment, files = eval((tmp_path / "worker.log").read_text())
    assert "secret" not in environment.values()
    assert str(inherited) not in files
    os.close(inherited)


def test_what_it_prints_is_logged(
    dying: Callable[[str], RejectedError], caplog: pytest.LogCaptureFixture
) -> None:
    dying("print('panicked at', file=sys.stderr)")
    assert "panicked at" in caplog.text


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The processes that the test starts."""
    found: list[subprocess.Popen[bytes]] = []
    original = subprocess.Popen

    def recorded(*args: Any, **options: Any) -> subprocess.Popen[bytes]:
        found.append(original(*args, **options))
        return found[-1]

    monkeypatch.setattr(subprocess, "Popen", recorded)
    return found


def test_a_worker_that_is_not_needed_any_more_is_ended(
    tmp_path: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(prices(*(row(text("x" * 1000), number(n)) for n in range(20_000))))
    task = {"format": "excel", "path": str(path), "most_bytes": 10**9}
    with child.worker(task, tmp_path, ObjectReason.CORRUPT_WORKBOOK) as reader:
        reader.columns()
        assert started[0].poll() is None
    assert started[0].poll() is not None


def test_a_failure_of_the_function_ends_the_worker(
    monkeypatch: pytest.MonkeyPatch,
    started: list[subprocess.Popen[bytes]],
    service: Service,
    storage: MemoryStorage,
) -> None:
    def failing(*_: object) -> None:
        raise AccountingError

    monkeypatch.setattr(excel, "worker", child.worker)
    monkeypatch.setattr(Cleaner, "clean", failing)
    rows = (row(text(f"{n}"), text("x" * 1000), text("y"), number(n)) for n in range(20_000))
    storage.write("raw", "price-list/a.xlsx", prices(*rows))
    with pytest.raises(AccountingError):
        service.process(CreatedObject("price-list/a.xlsx", "0A"))
    assert started[0].poll() is not None


def test_a_workbook_through_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excel, "worker", child.worker)
    body = prices(row(text("85123A"), text("HOLDER"), text("Home"), number(2.55)))
    assert only(curate(PRICES, "price-list/a.xlsx", body))["product_id"].to_list() == ["85123A"]


def test_parquet_through_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "worker", child.worker)
    body = io.BytesIO()
    card_frame().head(2).write_parquet(body)
    key = "card-transactions/a.parquet"
    assert only(curate(CARD, key, body.getvalue()))["customer_id"].to_list() == ["852", "7"]
