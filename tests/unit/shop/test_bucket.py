"""A bucket gets all files, or none where others are under their keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from datalake.memory import MemoryStorage
from datalake.s3 import S3Storage
from datalake.storage import ObjectInfo, PreconditionFailedError
from fleet import cloud
from fleet.errors import FleetError
from shop.bucket import Bucket, open_bucket
from shop.files import RawFile

FILES = [RawFile("online-retail/2023-01.csv", b"1\n"), RawFile("cdnow/2023-01.txt", b"22\n")]


def no_files() -> Iterator[RawFile]:
    raise AssertionError("made for nothing")


def bucket(storage: Any, prefix: str = "") -> Bucket:
    return Bucket(storage, "b", prefix, "http://127.0.0.1:1")


def put(storage: MemoryStorage, prefix: str = "") -> list[bool]:
    to = bucket(storage, prefix)
    to.prepare(lambda: FILES)
    return [to.write(file) for file in FILES]


def content(storage: MemoryStorage) -> dict[str, bytes]:
    return {key: body for (_, key), (body, _) in storage.snapshot().items()}


class Encrypted(MemoryStorage):
    """ETags that say nothing of the content, as with AWS KMS."""

    def etags(self, bucket: str, prefix: str) -> dict[str, str]:
        return {key: f"{number}" for number, key in enumerate(self.keys(bucket, prefix))}


@pytest.mark.parametrize("prefix", ["", "try/one"])
def test_files_are_objects_under_the_prefix(storage: MemoryStorage, prefix: str) -> None:
    storage.write("b", "another/object", b"?")

    assert put(storage, prefix) == [True, True]

    begin = f"{prefix}/" if prefix else ""
    assert content(storage) == {
        "another/object": b"?",
        **{f"{begin}{file.key}": file.content for file in FILES},
    }


def test_files_for_an_empty_bucket_are_made_once(storage: MemoryStorage) -> None:
    bucket(storage).prepare(no_files)
    storage.write("b", "elsewhere/cdnow/2023-01.txt", b"?")
    bucket(storage, "here").prepare(no_files)


@pytest.mark.parametrize("storage", [MemoryStorage(), Encrypted()])
def test_what_is_there_already_is_not_written_again(storage: MemoryStorage) -> None:
    """As after an interrupt, which leaves some of the files."""
    storage.write("b", FILES[0].key, FILES[0].content)

    assert put(storage) == [False, True]
    assert put(storage) == [False, False]
    assert storage.head("b", FILES[0].key).version_id == "v1"


@pytest.mark.parametrize("storage", [MemoryStorage(), Encrypted()])
@pytest.mark.parametrize("other", [b"23\n", b"", b"22\n\n"])
def test_other_content_is_an_error_before_anything_is_written(
    storage: MemoryStorage, other: bytes
) -> None:
    storage.write("b", FILES[1].key, other)

    with pytest.raises(FleetError, match=r"1 objects .*such as cdnow/2023-01\.txt.*Nothing was"):
        put(storage)

    assert content(storage) == {FILES[1].key: other}


def test_an_object_that_appears_meanwhile_is_not_written_over(storage: MemoryStorage) -> None:
    to = bucket(storage)
    to.prepare(lambda: FILES)
    storage.write("b", FILES[0].key, b"?")

    with pytest.raises(FleetError, match=r"another writer put online-retail/2023-01\.csv"):
        to.write(FILES[0])

    assert content(storage) == {FILES[0].key: b"?"}


def test_a_repeated_request_that_had_been_carried_out_is_no_error(storage: MemoryStorage) -> None:
    class LostAnswer(MemoryStorage):
        def put(self, bucket: str, key: str, body: bytes, **_: Any) -> str:
            self.write(bucket, key, body)
            raise PreconditionFailedError(bucket, key, "412")

    assert put(LostAnswer()) == [True, True]


def test_a_conflict_without_an_object_is_an_error() -> None:
    class Conflict(MemoryStorage):
        def put(self, bucket: str, key: str, body: bytes, **_: Any) -> str:
            raise PreconditionFailedError(bucket, key, "409")

    with pytest.raises(FleetError, match="another writer"):
        put(Conflict())


def test_errors_of_s3_say_where_and_what_to_do() -> None:
    client = boto3.client(
        "s3", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    with Stubber(client) as stubber:
        stubber.add_client_error("list_objects_v2", "NoSuchBucket", "There is none")
        with pytest.raises(FleetError, match=r"s3://b/ at http.*NoSuchBucket.*AWS_PROFILE"):
            put(S3Storage(client))


def test_no_connection_is_one_message() -> None:
    class Unreachable(MemoryStorage):
        def head(self, *_: Any, **__: Any) -> ObjectInfo:
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    with pytest.raises(FleetError, match="Could not connect"):
        put(Unreachable())


@pytest.fixture
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")


@pytest.mark.usefixtures("_no_settings")
@pytest.mark.parametrize(
    ("bucket", "prefix", "name"),
    [
        ("fleet-local-raw", "", "s3://fleet-local-raw/ at http://127.0.0.1:4599"),
        ("fleet-local-raw", "a/b", "s3://fleet-local-raw/a/b/ at http://127.0.0.1:4599"),
        ("mine", "a", "s3://mine/a/ at https://s3.eu-west-1.amazonaws.com"),
    ],
)
def test_buckets_of_the_local_cloud_are_reached_at_the_running_one(
    monkeypatch: pytest.MonkeyPatch, bucket: str, prefix: str, name: str
) -> None:
    running = cloud.Cloud("process", "http://127.0.0.1:4599", "", {}, {})
    monkeypatch.setattr(cloud, "status", lambda: running)

    assert open_bucket(bucket, prefix).name == name


@pytest.mark.usefixtures("_no_settings")
@pytest.mark.parametrize("variable", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"])
def test_the_usual_setting_names_another_endpoint(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "http://minio.test:9000")

    assert open_bucket("fleet-local-raw", "").name.endswith(" at http://minio.test:9000")


@pytest.mark.usefixtures("_no_settings")
def test_without_a_local_cloud_its_buckets_are_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloud, "status", lambda: None)

    with pytest.raises(FleetError, match="does not run; make up starts it"):
        open_bucket("fleet-local-raw", "")
