"""S3Storage against botocore's Stubber: it checks parameters against the model of the service."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from botocore.stub import Stubber

from datalake.s3 import S3Storage
from datalake.storage import (
    ObjectInfo,
    ObjectNotFoundError,
    ObjectTooLargeError,
    PreconditionFailedError,
)

UPLOADED = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def client() -> Any:
    return boto3.client(
        "s3", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )


@pytest.fixture
def stubber(client: Any) -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def found(body: bytes) -> dict[str, Any]:
    return {
        "Body": StreamingBody(io.BytesIO(body), len(body)),
        "ContentLength": len(body),
        "ETag": '"abc"',
        "LastModified": UPLOADED,
        "Metadata": {"sequencer": "01"},
        "VersionId": "v7",
    }


def test_get_reads_the_version_asked_for(client: Any, stubber: Stubber) -> None:
    expected = {"Bucket": "b", "Key": "k", "VersionId": "v7"}
    stubber.add_response("get_object", found(b"data"), expected)
    stored = S3Storage(client).get("b", "k", version_id="v7", max_bytes=4)
    assert stored.body == b"data"
    assert stored.info == ObjectInfo("abc", 4, {"sequencer": "01"}, UPLOADED, "v7")


def test_get_refuses_a_large_object_unread(client: Any, stubber: Stubber) -> None:
    response = found(b"12345")
    stubber.add_response("get_object", response, {"Bucket": "b", "Key": "k"})
    with pytest.raises(ObjectTooLargeError):
        S3Storage(client).get("b", "k", max_bytes=4)
    assert response["Body"]._amount_read == 0


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchVersion", "404"])
def test_get_of_a_missing_object(client: Any, stubber: Stubber, code: str) -> None:
    stubber.add_client_error("get_object", code, http_status_code=404)
    with pytest.raises(ObjectNotFoundError, match="s3://b/k"):
        S3Storage(client).get("b", "k")


def test_head(client: Any, stubber: Stubber) -> None:
    response = {"ContentLength": 3, "ETag": '"abc"', "LastModified": UPLOADED, "Metadata": {}}
    stubber.add_response("head_object", response, {"Bucket": "b", "Key": "k"})
    stubber.add_client_error("head_object", "404", http_status_code=404)
    storage = S3Storage(client)
    assert storage.head("b", "k") == ObjectInfo("abc", 3, {}, UPLOADED)
    assert storage.head("b", "k") is None


@pytest.mark.parametrize(
    ("if_match", "condition"), [(None, {"IfNoneMatch": "*"}), ("abc", {"IfMatch": '"abc"'})]
)
def test_put_is_conditional(
    client: Any, stubber: Stubber, if_match: str | None, condition: dict[str, str]
) -> None:
    expected = {
        "Bucket": "b",
        "Key": "k",
        "Body": b"data",
        "ContentType": "text/plain",
        "Metadata": {"a": "1"},
        **condition,
    }
    stubber.add_response("put_object", {"ETag": '"new"'}, expected)
    etag = S3Storage(client).put(
        "b", "k", b"data", content_type="text/plain", metadata={"a": "1"}, if_match=if_match
    )
    assert etag == "new"


@pytest.mark.parametrize(
    "code", ["PreconditionFailed", "412", "ConditionalRequestConflict", "NoSuchKey"]
)
def test_a_lost_race_is_a_failed_precondition(client: Any, stubber: Stubber, code: str) -> None:
    stubber.add_client_error("put_object", code)
    with pytest.raises(PreconditionFailedError):
        S3Storage(client).put("b", "k", b"", content_type="x", metadata={}, if_match="abc")


def test_open_reads_a_range_and_knows_the_whole_size(client: Any, stubber: Stubber) -> None:
    response = {**found(b"2345"), "ContentRange": "bytes 2-5/10"}
    expected = {"Bucket": "b", "Key": "k", "VersionId": "v7", "Range": "bytes=2-5"}
    stubber.add_response("get_object", response, expected)
    with S3Storage(client).open("b", "k", version_id="v7", start=2, end=6) as opened:
        assert opened.stream.read(2) + opened.stream.read(9) == b"2345"
        assert opened.info.size == 10
    stubber.add_response("get_object", found(b"all"), {"Bucket": "b", "Key": "k"})
    with S3Storage(client).open("b", "k") as opened:
        assert (opened.stream.read(9), opened.info.size) == (b"all", 3)
    stubber.add_client_error("get_object", "NoSuchKey", http_status_code=404)
    with pytest.raises(ObjectNotFoundError), S3Storage(client).open("b", "k"):
        pass


def test_keys_are_listed_over_pages(client: Any, stubber: Stubber) -> None:
    first = {"IsTruncated": True, "NextContinuationToken": "t", "Contents": [{"Key": "p/a"}]}
    expected = {"Bucket": "b", "Prefix": "p/"}
    stubber.add_response("list_objects_v2", first, expected)
    stubber.add_response(
        "list_objects_v2",
        {"IsTruncated": False, "Contents": [{"Key": "p/b"}]},
        {**expected, "ContinuationToken": "t"},
    )
    assert list(S3Storage(client).keys("b", "p/")) == ["p/a", "p/b"]


def test_etags_are_listed_beside_their_keys(client: Any, stubber: Stubber) -> None:
    stubber.add_response(
        "list_objects_v2",
        {"IsTruncated": False, "Contents": [{"Key": "p/a", "ETag": '"abc"'}]},
        {"Bucket": "b", "Prefix": "p/"},
    )
    assert S3Storage(client).etags("b", "p/") == {"p/a": "abc"}


def test_delete_is_conditional(client: Any, stubber: Stubber) -> None:
    expected = {"Bucket": "b", "Key": "k", "IfMatch": '"abc"'}
    stubber.add_response("delete_object", {}, expected)
    stubber.add_client_error("delete_object", "PreconditionFailed", http_status_code=412)
    S3Storage(client).delete("b", "k", if_match="abc")
    with pytest.raises(PreconditionFailedError):
        S3Storage(client).delete("b", "k", if_match="abc")


def test_other_errors_pass_through(client: Any, stubber: Stubber) -> None:
    storage = S3Storage(client)
    for method in ("head_object", "get_object", "put_object", "delete_object"):
        stubber.add_client_error(method, "InternalError", http_status_code=500)
    with pytest.raises(ClientError):
        storage.head("b", "k")
    with pytest.raises(ClientError):
        storage.get("b", "k")
    with pytest.raises(ClientError):
        storage.put("b", "k", b"", content_type="x", metadata={}, if_match=None)
    with pytest.raises(ClientError):
        storage.delete("b", "k", if_match="abc")
