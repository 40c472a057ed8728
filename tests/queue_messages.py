"""SQS batches of S3 events, what a function answers to them, and a queue client without SQS."""

import json
from dataclasses import dataclass, field
from typing import Any

TEST_EVENT = '{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "any"}'
"""What S3 sends when a notification is set up."""


@dataclass
class FakeQueues:
    """A boto3 SQS client that keeps what it is to send."""

    sent: list[dict[str, Any]] = field(default_factory=list)

    def send_message(self, **message: Any) -> None:
        self.sent.append(message)


def s3_event(*keys: str, bucket: str, name: str = "ObjectCreated:Put", **fields: Any) -> str:
    """The body of a message; `fields` are further ones of the object."""
    records = [
        {"eventName": name, "s3": {"bucket": {"name": bucket}, "object": {"key": key, **fields}}}
        for key in keys
    ]
    return json.dumps({"Records": records})


def batch(*bodies: str) -> dict[str, Any]:
    """Messages m0, m1, ... as a function gets them."""
    return {
        "Records": [
            {"messageId": f"m{number}", "body": body, "eventSource": "aws:sqs"}
            for number, body in enumerate(bodies)
        ]
    }


def failed(*numbers: int) -> dict[str, Any]:
    """The answer that names these messages to be delivered again."""
    return {"batchItemFailures": [{"itemIdentifier": f"m{number}"} for number in numbers]}
