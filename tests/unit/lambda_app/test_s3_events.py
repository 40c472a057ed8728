"""What is read from the body of a message, whatever it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_app.dead_letters import PoisonMessageError
from lambda_app.s3_events import CreatedObject, created_object


def event(
    key: Any = "k",
    bucket: Any = "raw",
    detail_type: Any = "Object Created",
    source: Any = "aws.s3",
    **fields: object,
) -> str:
    return json.dumps(
        {
            "version": "0",
            "source": source,
            "detail-type": detail_type,
            "detail": {"bucket": {"name": bucket}, "object": {"key": key, **fields}},
        }
    )


@pytest.mark.parametrize(
    "key", ["a+b.csv", "a%2Bb.csv", "100%.csv", "a b.csv", "é/日本.csv", "source=s/*\\.json", "%"]
)
def test_keys_are_taken_as_they_are(key: str) -> None:
    assert created_object(event(f"online-retail/{key}"), "raw") == CreatedObject(
        f"online-retail/{key}"
    )


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_key_survives(key: str) -> None:
    assert created_object(event(key), "raw") == CreatedObject(key)


def test_an_event_names_a_version() -> None:
    body = event("a", **{"sequencer": "0A", "etag": "e", "version-id": "v", "size": 3})
    assert created_object(body, "raw") == CreatedObject("a", "0A", "e", "v")


@pytest.mark.parametrize(
    "detail_type", ["Object Deleted", "Object Tags Added", "Object ACL Updated"]
)
def test_an_event_that_announces_no_new_object_is_ignored(detail_type: str) -> None:
    assert created_object(event(detail_type=detail_type), "raw") is None


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        "7",
        "{}",
        "[" * 100_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        event().replace('"k"', "[" * 100_000 + "]" * 100_000),
        # Not too deep to be read, but to be named in a message.
        event().replace('"k"', "[" * 900 + "]" * 900),
        event().replace('"aws.s3"', "[" * 900 + "]" * 900),
        event().replace('"raw"', '{"a":' * 900 + "1" + "}" * 900),
        event(size=1).replace("1}", "9" * 5_000 + "}"),
        event(size=float("nan")),
        event(size=float("-inf")),
        event().replace('"key": "k"', '"key": "k", "key": "other"'),
        event().replace('"source": "aws.s3"', '"source": "other", "source": "aws.s3"'),
        '{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "raw"}',
        '{"Records": [{"eventName": "ObjectCreated:Put"}]}',
        event(source="aws.ec2"),
        event(source=None),
        event(detail_type=None),
        event(detail_type=["Object Created"]),
        event(""),
        event(None),
        event(7),
        event("k\ud800"),
        event(bucket="other"),
        event(bucket="other", detail_type="Object Deleted"),
        event(bucket=None),
        event(sequencer="not hexadecimal"),
        event(sequencer=12),
        event(etag=[]),
        event(**{"version-id": 1}),
        json.dumps({"source": "aws.s3", "detail-type": "Object Created", "detail": "text"}),
        json.dumps({"source": "aws.s3", "detail-type": "x", "detail": {"bucket": [], "object": 1}}),
    ],
)
def test_a_body_that_is_not_an_event_of_the_bucket_is_poison(body: str) -> None:
    with pytest.raises(PoisonMessageError):
        created_object(body, "raw")
