"""What an SQS message with an S3 event from EventBridge says: which object version was created."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any


class PoisonMessageError(Exception):
    """The message can never be processed, however often it is tried."""


@dataclass(frozen=True)
class CreatedObject:
    """A version of an object as its event names it; "" or None for what the event leaves out."""

    key: str
    sequencer: str = ""
    etag: str | None = None
    version_id: str | None = None


def parse(body: str, bucket: str) -> list[CreatedObject]:
    """The object that a message announces; none for events other than creation.

    Raises PoisonMessageError if it is no S3 event of this bucket.
    """
    try:
        message = json.loads(body)
    except ValueError as error:
        raise PoisonMessageError(f"the body is not JSON: {error}") from error
    try:
        source, kind, detail = message["source"], message["detail-type"], message["detail"]
        name, entry = detail["bucket"]["name"], detail["object"]
        # Not URL-encoded, unlike the keys of S3's own notifications.
        key = entry["key"]
        optional = [entry.get(field) for field in ("sequencer", "etag", "version-id")]
    except (KeyError, TypeError, AttributeError) as error:
        raise PoisonMessageError(
            f"the body is not an event of S3 from EventBridge: {error!r}"
        ) from error
    if source != "aws.s3":
        raise PoisonMessageError(f"the source of the event is {source!r}; expected 'aws.s3'")
    _check(kind, name, key, optional)
    if name != bucket:
        raise PoisonMessageError(f"the event is of bucket {name}; this function reads {bucket}")
    if kind != "Object Created":
        return []
    sequencer, etag, version_id = optional
    return [
        CreatedObject(
            key=key,
            sequencer=sequencer or "",
            etag=etag.strip('"') or None if etag else None,
            version_id=version_id or None,
        )
    ]


def _check(kind: Any, name: Any, key: Any, optional: list[Any]) -> None:
    """Raise PoisonMessageError unless everything that is read is what it should be."""
    if not all(isinstance(text, str) and text for text in (kind, name, key)):
        raise PoisonMessageError("the event lacks its type, the bucket or the key")
    # JSON can say half a surrogate pair, which no S3 key can hold.
    if any("\ud800" <= character <= "\udfff" for character in key):
        raise PoisonMessageError("the key of the event is not valid Unicode")
    if not all(value is None or isinstance(value, str) for value in optional):
        raise PoisonMessageError("sequencer, etag or version-id of the event is not text")
    sequencer = optional[0]
    if sequencer and not all(character in "0123456789abcdefABCDEF" for character in sequencer):
        raise PoisonMessageError(f"the sequencer {sequencer!r} is not hexadecimal")
