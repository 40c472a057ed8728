"""`ObjectStorage` in memory, for tests and local work."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from datalake.storage import (
    Body,
    ObjectInfo,
    ObjectNotFoundError,
    ObjectTooLargeError,
    OpenObject,
    PreconditionFailedError,
    StoredObject,
    etag_of,
)

_NOW = datetime(2026, 1, 1, tzinfo=UTC)


class MemoryStorage:
    """Versioned buckets in a dictionary, with S3's semantics of conditional writes.

    `clock` tells when an object is written; without one time stands still, and equal writes leave
    equal states.
    """

    def __init__(self, clock: Callable[[], datetime] = lambda: _NOW) -> None:
        self._clock = clock
        self._versions: dict[tuple[str, str], list[StoredObject]] = {}

    def head(self, bucket: str, key: str, *, version_id: str | None = None) -> ObjectInfo | None:
        """See ObjectStorage.head."""
        found = self._found(bucket, key, version_id)
        return found[-1].info if found else None

    def _found(self, bucket: str, key: str, version_id: str | None) -> list[StoredObject]:
        return [
            version
            for version in self._versions.get((bucket, key), [])
            if version_id in (None, version.info.version_id)
        ]

    def get(
        self, bucket: str, key: str, *, version_id: str | None = None, max_bytes: int | None = None
    ) -> StoredObject:
        """See ObjectStorage.get."""
        found = self._found(bucket, key, version_id)
        if not found:
            raise ObjectNotFoundError(bucket, key, "NoSuchVersion" if version_id else "NoSuchKey")
        newest = found[-1]
        if max_bytes is not None and newest.info.size > max_bytes:
            raise ObjectTooLargeError(bucket, key, f"{newest.info.size} bytes, limit {max_bytes}")
        return newest

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
        found = self.get(bucket, key, version_id=version_id)
        yield OpenObject(io.BytesIO(found.body[start:end]), found.info)

    def put(
        self,
        bucket: str,
        key: str,
        body: Body,
        *,
        content_type: str,  # noqa: ARG002 - part of the protocol
        metadata: Mapping[str, str],
        if_match: str | None,
    ) -> str:
        """See ObjectStorage.put."""
        current = self.head(bucket, key)
        if if_match != (current.etag if current else None):
            raise PreconditionFailedError(bucket, key, "PreconditionFailed")
        if not isinstance(body, bytes):
            body.seek(0)
            body = body.read()
        return self.write(bucket, key, body, metadata).etag

    def write(
        self, bucket: str, key: str, body: bytes, metadata: Mapping[str, str] | None = None
    ) -> ObjectInfo:
        """Write unconditionally, as an uploader does. Returns the new version's state."""
        versions = self._versions.setdefault((bucket, key), [])
        info = ObjectInfo(
            etag=etag_of(body),
            size=len(body),
            metadata=dict(metadata or {}),
            modified=self._clock(),
            version_id=f"v{len(versions) + 1}",
        )
        versions.append(StoredObject(body=body, info=info))
        return info

    def delete(self, bucket: str, key: str, *, if_match: str) -> None:
        """See ObjectStorage.delete. Removes all versions."""
        current = MemoryStorage.head(self, bucket, key)
        if current is None or current.etag != if_match:
            raise PreconditionFailedError(bucket, key, "PreconditionFailed")
        self.remove(bucket, key)

    def remove(self, bucket: str, key: str) -> None:
        """Remove an object with all its versions, as an operator does."""
        self._versions.pop((bucket, key), None)

    def keys(self, bucket: str, prefix: str = "") -> Iterator[str]:
        """See ObjectStorage.keys."""
        yield from sorted(
            key for name, key in list(self._versions) if name == bucket and key.startswith(prefix)
        )

    def etags(self, bucket: str, prefix: str) -> dict[str, str]:
        """See ObjectStorage.etags."""
        keys = MemoryStorage.keys(self, bucket, prefix)
        return {key: self._versions[bucket, key][-1].info.etag for key in keys}

    def snapshot(self) -> dict[tuple[str, str], tuple[bytes, Mapping[str, str]]]:
        """Current content and metadata of every object, for comparison of whole states."""
        return {
            name: (versions[-1].body, versions[-1].info.metadata)
            for name, versions in self._versions.items()
        }
