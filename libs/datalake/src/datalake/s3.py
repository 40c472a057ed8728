"""`ObjectStorage` on Amazon S3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from datalake.storage import (
    Body,
    ObjectInfo,
    ObjectNotFoundError,
    ObjectTooLargeError,
    OpenObject,
    PreconditionFailedError,
    StoredObject,
)

if TYPE_CHECKING:
    from botocore.client import BaseClient

_NOT_FOUND = {"404", "NoSuchKey", "NoSuchVersion", "NotFound"}
# 409: a competing conditional write or delete was in flight. S3 answers 404 to If-Match on an
# object that was deleted meanwhile.
_CONFLICT = {"412", "PreconditionFailed", "409", "ConditionalRequestConflict", "404", "NoSuchKey"}


class S3Storage:
    """Amazon S3 through a boto3 client. Errors other than the protocol's are botocore's own."""

    def __init__(self, client: BaseClient) -> None:
        # boto3 makes its methods at run time, so the type of its clients knows none of them.
        self._client: Any = client

    def head(self, bucket: str, key: str, *, version_id: str | None = None) -> ObjectInfo | None:
        """See ObjectStorage.head."""
        version = {"VersionId": version_id} if version_id else {}
        try:
            return _info(self._client.head_object(Bucket=bucket, Key=key, **version))
        except ClientError as error:
            if _code(error) in _NOT_FOUND:
                return None
            raise

    def get(
        self, bucket: str, key: str, *, version_id: str | None = None, max_bytes: int | None = None
    ) -> StoredObject:
        """See ObjectStorage.get."""
        response = self._get(bucket, key, version_id)
        info = _info(response)
        with response["Body"] as stream:
            if max_bytes is not None and info.size > max_bytes:
                raise ObjectTooLargeError(bucket, key, f"{info.size} bytes, limit {max_bytes}")
            return StoredObject(body=stream.read(), info=info)

    @contextmanager
    def open(
        self,
        bucket: str,
        key: str,
        *,
        version_id: str | None = None,
        start: int = 0,
        end: int | None = None,
    ) -> Iterator[OpenObject]:
        """See ObjectStorage.open."""
        options: dict[str, str] = {}
        if start or end is not None:
            options["Range"] = f"bytes={start}-{'' if end is None else end - 1}"
        response = self._get(bucket, key, version_id, **options)
        with response["Body"] as stream:
            yield OpenObject(stream, _info(response))

    def _get(self, bucket: str, key: str, version_id: str | None, **options: str) -> Any:
        if version_id:
            options["VersionId"] = version_id
        try:
            return self._client.get_object(Bucket=bucket, Key=key, **options)
        except ClientError as error:
            if _code(error) in _NOT_FOUND:
                raise ObjectNotFoundError(bucket, key, _code(error)) from error
            raise

    def keys(self, bucket: str, prefix: str) -> Iterator[str]:
        """See ObjectStorage.keys."""
        yield from (str(item["Key"]) for item in self._listed(bucket, prefix))

    def etags(self, bucket: str, prefix: str) -> dict[str, str]:
        """See ObjectStorage.etags."""
        return {str(item["Key"]): _etag(item) for item in self._listed(bucket, prefix)}

    def _listed(self, bucket: str, prefix: str) -> Iterator[Mapping[str, Any]]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for page in pages:
            yield from page.get("Contents", [])

    def put(
        self,
        bucket: str,
        key: str,
        body: Body,
        *,
        content_type: str,
        metadata: Mapping[str, str],
        if_match: str | None,
    ) -> str:
        """See ObjectStorage.put. S3 takes up to 5 GB at once."""
        if not isinstance(body, bytes):
            body.seek(0)
        condition = {"IfNoneMatch": "*"} if if_match is None else {"IfMatch": f'"{if_match}"'}
        try:
            response = self._client.put_object(
                Bucket=bucket,
                Key=key,
                Body=body,
                ContentType=content_type,
                Metadata=dict(metadata),
                **condition,
            )
        except ClientError as error:
            if _code(error) in _CONFLICT:
                raise PreconditionFailedError(bucket, key, _code(error)) from error
            raise
        return _etag(response)

    def delete(self, bucket: str, key: str, *, if_match: str) -> None:
        """See ObjectStorage.delete."""
        try:
            self._client.delete_object(Bucket=bucket, Key=key, IfMatch=f'"{if_match}"')
        except ClientError as error:
            if _code(error) in _CONFLICT:
                raise PreconditionFailedError(bucket, key, _code(error)) from error
            raise


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _info(response: Mapping[str, Any]) -> ObjectInfo:
    return ObjectInfo(
        etag=_etag(response),
        size=_size(response),
        metadata=dict(response.get("Metadata", {})),
        modified=response["LastModified"].astimezone(UTC),
        version_id=response.get("VersionId"),
    )


def _etag(response: Mapping[str, Any]) -> str:
    return str(response["ETag"]).strip('"')


def _size(response: Mapping[str, Any]) -> int:
    """Of the whole object, also in the answer to a request for a range: `bytes 0-9/100`."""
    total = str(response.get("ContentRange", "")).rpartition("/")[2]
    return int(total) if total else int(response["ContentLength"])
