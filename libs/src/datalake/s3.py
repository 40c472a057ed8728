"""`ObjectStorage` on Amazon S3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from datalake.storage import (
    ObjectInfo,
    ObjectNotFoundError,
    ObjectTooLargeError,
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

    def head(self, bucket: str, key: str) -> ObjectInfo | None:
        """See ObjectStorage.head."""
        try:
            return _info(self._client.head_object(Bucket=bucket, Key=key))
        except ClientError as error:
            if _code(error) in _NOT_FOUND:
                return None
            raise

    def get(
        self, bucket: str, key: str, *, version_id: str | None = None, max_bytes: int | None = None
    ) -> StoredObject:
        """See ObjectStorage.get."""
        version = {"VersionId": version_id} if version_id else {}
        try:
            response = self._client.get_object(Bucket=bucket, Key=key, **version)
        except ClientError as error:
            if _code(error) in _NOT_FOUND:
                raise ObjectNotFoundError(bucket, key, _code(error)) from error
            raise
        info = _info(response)
        with response["Body"] as stream:
            if max_bytes is not None and info.size > max_bytes:
                raise ObjectTooLargeError(bucket, key, f"{info.size} bytes, limit {max_bytes}")
            return StoredObject(body=stream.read(), info=info)

    def put(
        self,
        bucket: str,
        key: str,
        body: bytes,
        *,
        content_type: str,
        metadata: Mapping[str, str],
        if_match: str | None,
    ) -> None:
        """See ObjectStorage.put."""
        condition = {"IfNoneMatch": "*"} if if_match is None else {"IfMatch": f'"{if_match}"'}
        try:
            self._client.put_object(
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


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _info(response: Mapping[str, Any]) -> ObjectInfo:
    return ObjectInfo(
        etag=str(response["ETag"]).strip('"'),
        size=int(response["ContentLength"]),
        metadata=dict(response.get("Metadata", {})),
        version_id=response.get("VersionId"),
    )
