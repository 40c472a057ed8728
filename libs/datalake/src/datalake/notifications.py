"""What an SQS message with an S3 event says: which versions of which objects were created."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus


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
    """The objects that a message announces; none for S3's test event and for deletions.

    Raises PoisonMessageError if it is no S3 event of this bucket.
    """
    try:
        message = json.loads(body)
    except ValueError as error:
        raise PoisonMessageError(f"the body is not JSON: {error}") from error
    if not isinstance(message, dict):
        raise PoisonMessageError("the body is not a JSON object")
    if message.get("Event") == "s3:TestEvent":
        return []
    records = message.get("Records")
    if not isinstance(records, list) or not records:
        raise PoisonMessageError("the body has no Records: it is not an S3 event")
    created = [_created_object(record, bucket) for record in records]
    return [entry for entry in created if entry is not None]


def _created_object(record: Any, bucket: str) -> CreatedObject | None:
    try:
        event_name = record["eventName"]
        name = record["s3"]["bucket"]["name"]
        entry = record["s3"]["object"]
        key = entry["key"]
        texts = (event_name, name, key)
        optional = [entry.get(field) for field in ("sequencer", "eTag", "versionId")]
    except (KeyError, TypeError, AttributeError) as error:
        raise PoisonMessageError(f"a record is not an S3 event record: {error!r}") from error
    if not all(isinstance(text, str) and text for text in texts):
        raise PoisonMessageError("a record lacks the event's name, the bucket or the key")
    # JSON can say half a surrogate pair, which no S3 key can hold.
    if any("\ud800" <= character <= "\udfff" for character in key):
        raise PoisonMessageError("the key of a record is not valid Unicode")
    if not all(value is None or isinstance(value, str) for value in optional):
        raise PoisonMessageError("sequencer, eTag or versionId of a record is not text")
    if name != bucket:
        raise PoisonMessageError(f"the event is of bucket {name}; this function reads {bucket}")
    sequencer, etag, version_id = optional
    if sequencer and not all(character in "0123456789abcdefABCDEF" for character in sequencer):
        raise PoisonMessageError(f"the sequencer {sequencer!r} is not hexadecimal")
    if not event_name.removeprefix("s3:").startswith("ObjectCreated:"):
        return None
    return CreatedObject(
        # S3 encodes keys in events as HTML forms do: a space is a plus sign.
        key=unquote_plus(key),
        sequencer=sequencer or "",
        etag=etag.strip('"') or None if etag else None,
        version_id=version_id or None,
    )
