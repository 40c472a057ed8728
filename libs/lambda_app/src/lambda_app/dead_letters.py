"""Dead letters: messages that no retry can help, sent where a person finds them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import boto3

from lambda_app.settings import Settings

# SQS counts attributes to the size of a message.
MAX_ERROR_MESSAGE = 1024


class PoisonMessageError(Exception):
    """The message can never be processed, however often it is tried."""


class DeadLetterSettings(Settings):
    """The dead-letter queue that the catalogue gives each function that consumes messages."""

    dead_letter_queue_url: str


@cache
def sqs() -> Any:
    """The SQS client, made when the first dead letter is sent."""
    return boto3.client("sqs")


def send(body: str, error: Exception, redact: Callable[[str], str] = str) -> None:
    """Send `body` to DEAD_LETTER_QUEUE_URL, with the attributes ErrorType and ErrorMessage.

    Both texts go through `redact` first.

    Raises InvalidSettingsError, and the errors of the SQS client.
    """
    queue_url = DeadLetterSettings.from_environment(os.environ).dead_letter_queue_url
    text = _acceptable(redact(str(error)))[:MAX_ERROR_MESSAGE]
    sqs().send_message(
        QueueUrl=queue_url,
        MessageBody=_acceptable(redact(body)) or " ",
        MessageAttributes={
            "ErrorType": {"DataType": "String", "StringValue": type(error).__name__},
            "ErrorMessage": {"DataType": "String", "StringValue": text or "unknown"},
        },
    )


def _acceptable(text: str) -> str:
    """SQS refuses control characters, halves of surrogate pairs and empty text."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", text)
