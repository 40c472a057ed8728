"""SQS batches of S3 events from EventBridge, the answers to them, and a fake SQS client."""

import json
from dataclasses import dataclass, field
from typing import Any

CREATED, DELETED = "Object Created", "Object Deleted"


@dataclass
class FakeQueues:
    """A boto3 SQS client that keeps what it is to send."""

    sent: list[dict[str, Any]] = field(default_factory=list)

    def send_message(self, **message: Any) -> None:
        self.sent.append(message)


def s3_event(key: str, *, bucket: str, kind: str = CREATED, **fields: Any) -> str:
    """The body of a message; `fields` are further ones of the object."""
    detail = {"bucket": {"name": bucket}, "object": {"key": key, **fields}}
    return json.dumps({"source": "aws.s3", "detail-type": kind, "detail": detail})


def batch(*bodies: str, receives: int = 1) -> dict[str, Any]:
    """Messages m0, m1, ... as a function gets them, received so often."""
    return {
        "Records": [
            {
                "messageId": f"m{number}",
                "body": body,
                "eventSource": "aws:sqs",
                "attributes": {"ApproximateReceiveCount": str(receives)},
            }
            for number, body in enumerate(bodies)
        ]
    }


def failed(*numbers: int) -> dict[str, Any]:
    """The answer that names these messages to be delivered again."""
    return {"batchItemFailures": [{"itemIdentifier": f"m{number}"} for number in numbers]}
