"""Both shapes of SQS batches: retries, dead letters, and what is counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

import emf
from lambda_app import dead_letters
from lambda_app.batch import process_groups, process_messages
from lambda_app.dead_letters import PoisonMessageError
from queue_messages import FakeQueues, batch, failed


class BrokenError(Exception):
    """A permanent error of the domain."""


@pytest.fixture(autouse=True)
def queues(monkeypatch: pytest.MonkeyPatch) -> FakeQueues:
    queues = FakeQueues()
    monkeypatch.setattr(dead_letters, "sqs", lambda: queues)
    monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", "https://sqs.local/dlq")
    return queues


def parse(body: str) -> str | None:
    if body.startswith("poison"):
        raise PoisonMessageError(f"{body} is poison")
    return None if body == "ignored" else body


def fail(item: str) -> None:
    if "down" in item:
        raise ConnectionError(item)
    if "broken" in item:
        raise BrokenError(item)


class Recorder:
    """A handler of groups that keeps what it was given."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []

    def __call__(self, items: Sequence[str]) -> None:
        self.groups.append(list(items))
        for item in items:
            fail(item)


def run(shape: str, context: Any, *bodies: str) -> Any:
    if shape == "messages":
        return process_messages(
            batch(*bodies), context, parse=parse, handle=fail, permanent=(BrokenError,)
        )
    return process_groups(
        batch(*bodies),
        context,
        parse=parse,
        group_by=lambda item: item[0],
        handle=Recorder(),
        permanent=(BrokenError,),
    )


@pytest.mark.parametrize("shape", ["messages", "groups"])
class TestBothShapes:
    def test_only_what_failed_is_delivered_again(
        self, shape: str, queues: FakeQueues, lambda_context: Any
    ) -> None:
        bodies = ("a1", "a-down", "ignored", "poison", "a2", "b1", "b-broken")
        assert run(shape, lambda_context, *bodies) == failed(1)
        assert [
            (message["MessageBody"], message["MessageAttributes"]["ErrorType"]["StringValue"])
            for message in queues.sent
        ] == [("poison", "PoisonMessageError"), ("b-broken", "BrokenError")]

    def test_a_batch_that_fails_whole_is_a_partial_response_too(
        self, shape: str, lambda_context: Any
    ) -> None:
        assert run(shape, lambda_context, "down", "down") == failed(0, 1)

    def test_a_message_that_the_dead_letter_queue_refuses_is_delivered_again(
        self,
        shape: str,
        queues: FakeQueues,
        lambda_context: Any,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        def refuse(**message: Any) -> None:
            raise ConnectionError("no queue")

        monkeypatch.setattr(queues, "send_message", refuse)
        assert run(shape, lambda_context, "poison", "a") == failed(0)
        output = capsys.readouterr().out
        assert emf.values(output, "MessagesFailed") == [1]
        assert emf.values(output, "MessagesDeadLettered") == []

    def test_failures_are_counted_by_service_and_by_version(
        self, shape: str, lambda_context: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        run(shape, lambda_context, "a", "a-down", "b-down", "poison")
        output = capsys.readouterr().out
        for metric, value in (("MessagesFailed", 2), ("MessagesDeadLettered", 1)):
            assert emf.values(output, metric) == [value]
            assert emf.dimensions(output, metric) == [
                {"service": "test-service"},
                {"service": "test-service", "function_version": "7"},
            ]

    def test_nothing_is_counted_where_all_is_well(
        self, shape: str, lambda_context: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run(shape, lambda_context, "a", "ignored") == failed()
        assert "Messages" not in capsys.readouterr().out


def test_a_group_that_fails_is_halved_down_to_the_message_at_fault(lambda_context: Any) -> None:
    handle = Recorder()
    response = process_groups(
        batch("a1", "b1", "a2", "a-down", "a3", "b2"),
        lambda_context,
        parse=parse,
        group_by=lambda item: item[0],
        handle=handle,
    )
    assert response == failed(3)
    assert handle.groups == [
        ["a1", "a2", "a-down", "a3"],
        ["a1", "a2"],
        ["a-down", "a3"],
        ["a-down"],
        ["a3"],
        ["b1", "b2"],
    ]


def test_messages_without_work_make_no_group(lambda_context: Any) -> None:
    handle = Recorder()
    bodies = batch("ignored", "poison")
    process_groups(bodies, lambda_context, parse=parse, group_by=len, handle=handle)
    assert handle.groups == []


@pytest.mark.parametrize("shape", ["messages", "groups"])
def test_the_log_names_the_item_that_failed(
    shape: str, lambda_context: Any, caplog: pytest.LogCaptureFixture
) -> None:
    run(shape, lambda_context, "a-down", "x" * 10_000 + "down")
    notes = [
        note
        for record in caplog.records
        if record.exc_info and record.message == "message failed"
        for note in getattr(record.exc_info[1], "__notes__", [])
    ]
    assert notes[0] == "while handling 'a-down'"
    assert len(notes[1]) < 600
