"""What is read from the body of a message, whatever it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from datalake.notifications import CreatedObject, PoisonMessageError, parse
from queue_messages import DELETED, s3_event


def event(key: str, bucket: str = "raw", **fields: Any) -> str:
    return s3_event(key, bucket=bucket, **fields)


@pytest.mark.parametrize(
    "key",
    [
        "online-retail/a b.csv",
        "online-retail/a+b.csv",
        "online-retail/a%2Bb.csv",
        "online-retail/é%.csv",
        "data-quality/source=s/report.json",
        "online-retail/*\\.csv",
    ],
)
def test_keys_are_not_decoded(key: str) -> None:
    assert parse(event(key), "raw") == [CreatedObject(key)]


def test_a_message_announces_a_version() -> None:
    body = event("a", sequencer="0A", etag='"e"', **{"version-id": "v"})
    assert parse(body, "raw") == [CreatedObject("a", "0A", "e", "v")]


@pytest.mark.parametrize("kind", [DELETED, "Object Tags Added"])
def test_what_announces_no_new_object_is_ignored(kind: str) -> None:
    assert parse(event("a", kind=kind), "raw") == []


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"Records": []}',
        '{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "raw"}',
        event("k").replace("aws.s3", "aws.ec2"),
        event("k", kind=""),
        event("k", kind=DELETED, bucket="other"),
        event(""),
        event("k", bucket="other"),
        event("k", sequencer="not hexadecimal"),
        event("k", sequencer=12),
        event("k\ud800"),
        event("k").replace('"k"', "7"),
        json.dumps({"source": "aws.s3", "detail-type": "x", "detail": {"bucket": {}}}),
        json.dumps({"source": "aws.s3", "detail-type": "x", "detail": "text"}),
    ],
)
def test_what_is_no_event_of_the_bucket_is_poison(body: str) -> None:
    with pytest.raises(PoisonMessageError):
        parse(body, "raw")
