"""What SQS gets of a message that no retry can help."""

from __future__ import annotations

import pytest

from datalake import dead_letters
from queue_messages import FakeQueues


@pytest.mark.parametrize(
    ("body", "error", "text"),
    [
        ("{}", ValueError("no Records"), "no Records"),
        # SQS refuses empty text, control characters, and more than 1 MiB.
        ("", ValueError(), "unknown"),
        ("{}", ValueError("a\x07\ud800b\n"), "a??b\n"),
        ("{}", ValueError("x" * 2_000_000), "x" * dead_letters.MAX_ERROR_MESSAGE),
    ],
)
def test_the_error_stands_beside_the_body(body: str, error: Exception, text: str) -> None:
    queues = FakeQueues()
    dead_letters.send(queues, "https://sqs.local/dlq", body, error)
    (message,) = queues.sent
    assert message == {
        "QueueUrl": "https://sqs.local/dlq",
        "MessageBody": body or " ",
        "MessageAttributes": {
            "ErrorType": {"DataType": "String", "StringValue": "ValueError"},
            "ErrorMessage": {"DataType": "String", "StringValue": text},
        },
    }
