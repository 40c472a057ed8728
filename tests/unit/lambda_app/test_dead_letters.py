"""What SQS gets of a message that no retry can help."""

from __future__ import annotations

import pytest

from lambda_app import dead_letters
from lambda_app.settings import InvalidSettingsError
from queue_messages import FakeQueues


@pytest.fixture
def queues(monkeypatch: pytest.MonkeyPatch) -> FakeQueues:
    queues = FakeQueues()
    monkeypatch.setattr(dead_letters, "sqs", lambda: queues)
    monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", "https://sqs.local/dlq")
    return queues


@pytest.mark.parametrize(
    ("body", "error", "text"),
    [
        ("{}", ValueError("no detail"), "no detail"),
        # SQS refuses empty text, control characters, and more than 1 MiB.
        ("", ValueError(), "unknown"),
        ("{}", ValueError("a\x07\ud800b\n"), "a??b\n"),
        ("{}", ValueError("x" * 2_000_000), "x" * dead_letters.MAX_ERROR_MESSAGE),
        ("\U0001f600", ValueError("\U0001f600"), "\U0001f600"),
    ],
)
def test_the_error_stands_beside_the_body(
    queues: FakeQueues, body: str, error: Exception, text: str
) -> None:
    dead_letters.send(body, error)
    (message,) = queues.sent
    assert message == {
        "QueueUrl": "https://sqs.local/dlq",
        "MessageBody": body or " ",
        "MessageAttributes": {
            "ErrorType": {"DataType": "String", "StringValue": "ValueError"},
            "ErrorMessage": {"DataType": "String", "StringValue": text},
        },
    }


def test_body_and_error_are_redacted(queues: FakeQueues) -> None:
    dead_letters.send("a secret", ValueError("no secret"), lambda text: text.replace("secret", "*"))

    (message,) = queues.sent
    assert message["MessageBody"] == "a *"
    assert message["MessageAttributes"]["ErrorMessage"]["StringValue"] == "no *"


def test_a_function_without_a_queue_is_told_so(
    queues: FakeQueues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DEAD_LETTER_QUEUE_URL")
    with pytest.raises(InvalidSettingsError, match="DEAD_LETTER_QUEUE_URL is not set"):
        dead_letters.send("{}", ValueError("x"))


def test_a_body_that_sqs_would_refuse_is_sent_all_the_same(queues: FakeQueues) -> None:
    dead_letters.send("a\ud800\udfff\x00b", ValueError("x"))
    assert queues.sent[0]["MessageBody"] == "a???b"
