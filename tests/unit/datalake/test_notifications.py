"""What is read from the body of a message, whatever it is."""

from __future__ import annotations

import json

import pytest

from datalake.notifications import CreatedObject, PoisonMessageError, parse
from queue_messages import TEST_EVENT, s3_event


def event(*keys: str, bucket: str = "raw", **fields: object) -> str:
    return s3_event(*keys, bucket=bucket, **fields)


@pytest.mark.parametrize(
    ("encoded", "key"),
    [
        ("online-retail/a+b.csv", "online-retail/a b.csv"),
        ("online-retail/a%2Bb.csv", "online-retail/a+b.csv"),
        ("online-retail/%C3%A9%25.csv", "online-retail/é%.csv"),
        ("data-quality/source%3Ds/report.json", "data-quality/source=s/report.json"),
        ("online-retail/2010-12.csv", "online-retail/2010-12.csv"),
    ],
)
def test_keys_are_decoded_as_s3_encodes_them(encoded: str, key: str) -> None:
    assert parse(event(encoded), "raw") == [CreatedObject(key)]


def test_a_message_may_announce_several_versions() -> None:
    body = event("a", "b", sequencer="0A", eTag='"e"', versionId="v")
    assert parse(body, "raw") == [CreatedObject(key, "0A", "e", "v") for key in ("a", "b")]


@pytest.mark.parametrize(
    "body",
    [
        TEST_EVENT,
        event("a", name="ObjectRemoved:Delete"),
        event("a", name="s3:ObjectRemoved:DeleteMarkerCreated"),
    ],
)
def test_what_announces_no_new_object_is_ignored(body: str) -> None:
    assert parse(body, "raw") == []


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"Records": []}',
        '{"Records": [null]}',
        '{"Records": [{"eventName": "ObjectCreated:Put", "s3": []}]}',
        event(""),
        event("k", bucket="other"),
        event("k", sequencer="not hexadecimal"),
        event("k", sequencer=12),
        event("k\ud800"),
        event("k").replace('"k"', "7"),
        json.dumps({"Records": [{"eventName": "x", "s3": {"bucket": {}, "object": "text"}}]}),
    ],
)
def test_what_is_no_event_of_the_bucket_is_poison(body: str) -> None:
    with pytest.raises(PoisonMessageError):
        parse(body, "raw")
