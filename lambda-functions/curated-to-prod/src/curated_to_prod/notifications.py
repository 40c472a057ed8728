"""What an SQS message says: which curated objects have a new report."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote_plus


class PoisonMessageError(Exception):
    """The message can never be processed, however often it is tried."""


def parse(body: str, bucket: str) -> list[str]:
    """The keys that a message announces; none for S3's test event and for deletions.

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
    return [key for record in records if (key := _key(record, bucket)) is not None]


def _key(record: Any, bucket: str) -> str | None:
    try:
        event_name = record["eventName"]
        name = record["s3"]["bucket"]["name"]
        key = record["s3"]["object"]["key"]
    except (KeyError, TypeError) as error:
        raise PoisonMessageError(f"a record is not an S3 event record: {error!r}") from error
    if not all(isinstance(text, str) and text for text in (event_name, name, key)):
        raise PoisonMessageError("a record lacks the event's name, the bucket or the key")
    # JSON can say half a surrogate pair, which no S3 key can hold.
    if any("\ud800" <= character <= "\udfff" for character in key):
        raise PoisonMessageError("the key of a record is not valid Unicode")
    if name != bucket:
        raise PoisonMessageError(f"the event is of bucket {name}; this function reads {bucket}")
    if not event_name.removeprefix("s3:").startswith("ObjectCreated:"):
        return None
    # S3 encodes keys in events as HTML forms do: a space is a plus sign.
    return unquote_plus(key)
