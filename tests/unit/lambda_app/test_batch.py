"""Both shapes of SQS batches: retries, dead letters, and what is counted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from polars.exceptions import PanicException

import emf
from lambda_app import dead_letters
from lambda_app.batch import process_groups, process_messages
from lambda_app.dead_letters import PoisonMessageError
from lambda_app.s3_events import created_object
from lambda_app.settings import InvalidSettingsError
from queue_messages import FakeQueues, batch, failed, s3_event


class BrokenError(Exception):
    """A permanent error of the domain."""


@pytest.fixture(autouse=True)
def queues(monkeypatch: pytest.MonkeyPatch) -> FakeQueues:
    queues = FakeQueues()
    monkeypatch.setattr(dead_letters, "sqs", lambda: queues)
    monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", "https://sqs.local/dlq")
    return queues


def parse(body: str) -> str | None:
    if body.startswith("unreadable"):
        fail(body)
    if body.startswith("poison"):
        raise PoisonMessageError(f"{body} is poison")
    return None if body == "ignored" else body


class Panic(BaseException):
    """As pyo3_runtime.PanicException, not an Exception."""


UNUSUAL: dict[str, type[BaseException]] = {
    "panic": Panic,
    "memory": MemoryError,
    "deep": RecursionError,
    "cancelled": asyncio.CancelledError,
}


def fail(item: str) -> None:
    if "down" in item:
        raise ConnectionError(item)
    if "broken" in item:
        raise BrokenError(item)
    for word, error in UNUSUAL.items():
        if word in item:
            raise error(item)


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

    @pytest.mark.parametrize("what", UNUSUAL)
    def test_whatever_is_raised_fails_its_message_only(
        self, shape: str, lambda_context: Any, queues: FakeQueues, what: str
    ) -> None:
        bodies = ("a1", f"a-{what}", f"unreadable-{what}", "a2", "poison")
        assert run(shape, lambda_context, *bodies) == failed(1, 2)
        assert [message["MessageBody"] for message in queues.sent] == ["poison"]

    def test_a_panic_of_a_rust_library_is_such_an_error(
        self, shape: str, lambda_context: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert not issubclass(PanicException, Exception)
        monkeypatch.setitem(UNUSUAL, "panic", PanicException)
        assert run(shape, lambda_context, "a1", "a-panic") == failed(1)

    @pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
    def test_what_ends_the_process_does(
        self,
        shape: str,
        lambda_context: Any,
        monkeypatch: pytest.MonkeyPatch,
        end: type[BaseException],
    ) -> None:
        monkeypatch.setitem(UNUSUAL, "panic", end)
        with pytest.raises(end):
            run(shape, lambda_context, "a1", "a-panic")

    def test_json_too_deep_to_be_read_is_poison_and_no_more(
        self, shape: str, lambda_context: Any, queues: FakeQueues
    ) -> None:
        event = s3_event("k", bucket="raw")
        bodies = [event]
        for depth in (900, 100_000):
            nested = "[" * depth + "]" * depth
            bodies += [nested, *(event.replace(f'"{text}"', nested) for text in ("k", "aws.s3"))]
        bodies.append(event)
        handled: list[str] = []
        parse = partial(created_object, bucket="raw")
        if shape == "messages":
            response = process_messages(
                batch(*bodies),
                lambda_context,
                parse=parse,
                handle=lambda item: handled.append(item.key),
            )
        else:
            response = process_groups(
                batch(*bodies),
                lambda_context,
                parse=parse,
                group_by=lambda item: item.key,
                handle=lambda items: handled.extend(item.key for item in items),
            )
        assert response == failed()
        assert handled == ["k", "k"]
        assert len(queues.sent) == len(bodies) - 2

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


Told = list[tuple[str, int, str]]


def receive(context: Any, receives: int, *bodies: str) -> tuple[Any, Told]:
    """The answer, and what was told of messages that are not delivered again."""
    told: Told = []

    def handle(item: str) -> None:
        fail(item)
        told.append((item, 0, "handled"))

    answer = process_messages(
        batch(*bodies, receives=receives),
        context,
        parse=parse,
        handle=handle,
        on_last_receive=lambda item, count, error: told.append((item, count, repr(error))),
    )
    return answer, told


@pytest.mark.parametrize("receives", [1, 2, 4])
def test_nothing_is_told_of_a_message_that_is_delivered_again(
    lambda_context: Any, monkeypatch: pytest.MonkeyPatch, receives: int
) -> None:
    monkeypatch.setenv("MAX_RECEIVES", "5")
    answer, told = receive(lambda_context, receives, "good", "down")
    assert (answer, told) == (failed(1), [("good", 0, "handled")])


@pytest.mark.parametrize(("limit", "receives"), [("5", 5), ("5", 6), ("1", 1), ("3", 3)])
def test_the_last_receive_is_told_before_the_message_is_handled_and_if_it_fails(
    lambda_context: Any, monkeypatch: pytest.MonkeyPatch, limit: str, receives: int
) -> None:
    monkeypatch.setenv("MAX_RECEIVES", limit)
    answer, told = receive(lambda_context, receives, "good", "ignored", "poison", "down", "panic")
    assert answer == failed(3, 4)
    assert told == [
        ("good", receives, "None"),
        ("good", 0, "handled"),
        ("down", receives, "None"),
        ("down", receives, "ConnectionError('down')"),
        ("panic", receives, "None"),
        ("panic", receives, "PanicError('Panic: panic')"),
    ]


def test_a_message_is_handled_even_if_nothing_can_be_told(
    lambda_context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_RECEIVES", "1")

    def refuse(item: str, receives: int, error: Exception | None) -> None:
        raise ConnectionError("no storage")

    handled: list[str] = []
    answer = process_messages(
        batch("good"), lambda_context, parse=parse, handle=handled.append, on_last_receive=refuse
    )
    assert (answer, handled) == (failed(), ["good"])


def test_a_function_that_does_not_know_the_last_receive_is_told_so(
    lambda_context: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAX_RECEIVES", raising=False)
    with pytest.raises(InvalidSettingsError, match="MAX_RECEIVES is not set"):
        receive(lambda_context, 1, "good")


def test_dead_letters_of_both_shapes_are_redacted(lambda_context: Any, queues: FakeQueues) -> None:
    def redact(text: str) -> str:
        return text.replace("secret", "***")

    event = batch("poison secret")
    process_messages(event, lambda_context, parse=parse, handle=print, redact=redact)
    process_groups(event, lambda_context, parse=parse, group_by=len, handle=print, redact=redact)

    assert len(queues.sent) == 2
    assert "secret" not in str(queues.sent)
