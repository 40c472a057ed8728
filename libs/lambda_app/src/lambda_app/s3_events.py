"""What an SQS message with an S3 event of EventBridge says: which version of an object was created.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html describes the events.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from aws_lambda_powertools.utilities.data_classes import S3EventBridgeNotificationEvent

from lambda_app.dead_letters import PoisonMessageError

_HEXADECIMAL = frozenset("0123456789abcdefABCDEF")


@dataclass(frozen=True)
class CreatedObject:
    """A version of an object as its event names it; "" or None for what the event leaves out.

    The local cloud leaves out `version_id`. `sequencer` orders the versions of one key, see
    `datalake.storage.is_newer`.
    """

    key: str
    sequencer: str = ""
    etag: str | None = None
    version_id: str | None = None


def created_object(body: str, bucket: str) -> CreatedObject | None:
    """The object that a message announces; None for S3 events that announce no new object.

    Raises PoisonMessageError unless the body is an S3 event of this bucket.
    """
    try:
        event = S3EventBridgeNotificationEvent(
            json.loads(body, object_pairs_hook=_members, parse_constant=_refuse_constant)
        )
        source, detail_type = event.source, event.detail_type
        name = event.detail.bucket.name
        entry = event.detail.object
        # Keys in these events are not URL-encoded, yet the property `key` decodes them.
        key = entry["key"]
        optional = [entry.get(field) for field in ("sequencer", "etag", "version-id")]
    except (ValueError, RecursionError) as error:
        raise PoisonMessageError(f"the body is not JSON: {error}") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise PoisonMessageError(
            f"the body is not an S3 event from EventBridge: {error!r}"
        ) from error
    # First: what is not text may be nested too deeply to be named in a message.
    if not all(isinstance(text, str) and text for text in (source, detail_type, name, key)):
        raise PoisonMessageError(
            "the event lacks its source, its type, the bucket's name or the key"
        )
    if source != "aws.s3":
        raise PoisonMessageError(f"the source of the event is {source!r}, not aws.s3")
    # JSON can say half a surrogate pair, which no S3 key can hold.
    if any("\ud800" <= character <= "\udfff" for character in key):
        raise PoisonMessageError("the key is not valid Unicode")
    if not all(value is None or isinstance(value, str) for value in optional):
        raise PoisonMessageError("sequencer, etag or version-id is not text")
    if name != bucket:
        raise PoisonMessageError(f"the event is of bucket {name}; this function reads {bucket}")
    sequencer, etag, version_id = optional
    if sequencer and not _HEXADECIMAL.issuperset(sequencer):
        raise PoisonMessageError(f"the sequencer {sequencer!r} is not hexadecimal")
    if detail_type != "Object Created":
        return None
    return CreatedObject(
        key=key,
        sequencer=sequencer or "",
        etag=etag.strip('"') or None if etag else None,
        version_id=version_id or None,
    )


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object, of which readers would otherwise disagree on a member that is there twice."""
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("an object has a member twice")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"JSON has no {name}")
