"""Dead letters: messages that no retry can help, sent where a person finds them."""

from __future__ import annotations

import re
from typing import Any

# SQS counts attributes to the size of a message.
MAX_ERROR_MESSAGE = 1024


def send(sqs: Any, queue_url: str, body: str, error: Exception) -> None:
    """Send `body` to the queue, with the error in the attributes ErrorType and ErrorMessage.

    `sqs` is a boto3 client; what it raises is raised.
    """
    # SQS refuses control characters and empty text.
    text = re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd]", "?", str(error))[:MAX_ERROR_MESSAGE]
    sqs.send_message(
        QueueUrl=queue_url,
        MessageBody=body or " ",
        MessageAttributes={
            "ErrorType": {"DataType": "String", "StringValue": type(error).__name__},
            "ErrorMessage": {"DataType": "String", "StringValue": text or "unknown"},
        },
    )
