"""A storage in memory that counts what S3 would bill: calls, and bytes read and written."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import takewhile
from threading import Lock
from typing import Any

from datalake.memory import MemoryStorage
from datalake.storage import ObjectInfo, OpenObject, StoredObject


class CountingStorage(MemoryStorage):
    """`calls` by name, `bytes` read and written. Keeps the newest versions only, and finds keys by
    bisection, so that its own costs do not grow with the objects."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = Counter[str]()
        self.bytes = Counter[str]()
        self._sorted: dict[str, list[str]] = defaultdict(list)
        self._lock = Lock()

    def head(self, bucket: str, key: str, **options: Any) -> ObjectInfo | None:
        """See ObjectStorage.head."""
        self.calls["head"] += 1
        return super().head(bucket, key, **options)

    def get(self, bucket: str, key: str, **options: Any) -> StoredObject:
        """See ObjectStorage.get."""
        self.calls["get"] += 1
        stored = super().get(bucket, key, **options)
        self.bytes["read"] += stored.info.size
        return stored

    @contextmanager
    def open(self, bucket: str, key: str, **options: Any) -> Iterator[OpenObject]:
        """See ObjectStorage.open. Counts the object as read whole, through `get`."""
        with super().open(bucket, key, **options) as opened:
            yield opened

    def keys(self, bucket: str, prefix: str = "") -> Iterator[str]:
        """See ObjectStorage.keys."""
        self.calls["list"] += 1
        yield from self._keys(bucket, prefix)

    def etags(self, bucket: str, prefix: str) -> dict[str, str]:
        """See ObjectStorage.etags."""
        self.calls["list"] += 1
        return {
            key: self._versions[bucket, key][-1].info.etag for key in self._keys(bucket, prefix)
        }

    def put(self, bucket: str, key: str, body: bytes, **options: Any) -> str:
        """See ObjectStorage.put."""
        etag = super().put(bucket, key, body, **options)
        # The condition of the write looked at the object; S3 does that in the same call.
        self.calls.subtract(["head"])
        self.calls["put"] += 1
        self.bytes["written"] += len(body)
        return etag

    def delete(self, bucket: str, key: str, *, if_match: str) -> None:
        """See ObjectStorage.delete."""
        self.calls["delete"] += 1
        super().delete(bucket, key, if_match=if_match)

    def write(
        self, bucket: str, key: str, body: bytes, metadata: Mapping[str, str] | None = None
    ) -> ObjectInfo:
        """See MemoryStorage.write."""
        with self._lock:
            if (bucket, key) not in self._versions:
                insort(self._sorted[bucket], key)
            info = super().write(bucket, key, body, metadata)
            del self._versions[bucket, key][:-1]
        return info

    def remove(self, bucket: str, key: str) -> None:
        """See MemoryStorage.remove."""
        with self._lock:
            super().remove(bucket, key)
            self._sorted[bucket].remove(key)

    def _keys(self, bucket: str, prefix: str) -> list[str]:
        with self._lock:
            keys = self._sorted[bucket]
            found = takewhile(lambda key: key.startswith(prefix), keys[bisect_left(keys, prefix) :])
            return list(found)
