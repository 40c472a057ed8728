"""Object storage as the domain sees it: whole objects, and writes that cannot overtake newer ones.

The protocol has conditional writes only. `S3Storage` (datalake.s3) and `MemoryStorage`
(datalake.memory) implement it with the same semantics.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import IO, Final, Protocol, TypeAlias

SEQUENCER = "sequencer"
SHA256 = "sha256"

# A lost race is repeated at once, because the winner's write is already visible. More than a few
# in a row mean that something else is wrong.
_ATTEMPTS = 5


class StorageError(Exception):
    """Base of this module's errors; `bucket` and `key` name the object."""

    def __init__(self, bucket: str, key: str, message: str) -> None:
        self.bucket = bucket
        self.key = key
        super().__init__(f"s3://{bucket}/{key}: {message}")


class ObjectNotFoundError(StorageError):
    """There is no such object, or no such version of it."""


class ObjectTooLargeError(StorageError):
    """The object is larger than the caller is ready to hold in memory."""


class PreconditionFailedError(StorageError):
    """The object changed since the caller looked at it; nothing was written."""


class NewerVersionError(StorageError):
    """A result of a newer version of the same source object is there; nothing was written."""


@dataclass(frozen=True)
class ObjectInfo:
    """What is known of an object without its content. `etag` is without quotation marks, `modified`
    the time (UTC) at which this version was written: a copy has a time of its own."""

    etag: str
    size: int
    metadata: Mapping[str, str]
    modified: datetime
    version_id: str | None = None


@dataclass(frozen=True)
class StoredObject:
    """An object read whole."""

    body: bytes
    info: ObjectInfo


class Readable(Protocol):
    """What is read from front to back: at most `size` bytes, none at the end."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class OpenObject:
    """An object that is read piece by piece; `info` is of the whole object."""

    stream: Readable
    info: ObjectInfo


Body: TypeAlias = bytes | IO[bytes]
"""Content to write: bytes, or a file, so that memory does not depend on the size."""


class ObjectStorage(Protocol):
    """Reads, conditional writes and conditional deletions of objects."""

    def head(self, bucket: str, key: str, *, version_id: str | None = None) -> ObjectInfo | None:
        """The state of an object or one of its versions; None where there is none."""

    def get(
        self, bucket: str, key: str, *, version_id: str | None = None, max_bytes: int | None = None
    ) -> StoredObject:
        """Read an object.

        Raises ObjectNotFoundError, and ObjectTooLargeError before any content is read.
        """

    def open(
        self,
        bucket: str,
        key: str,
        *,
        version_id: str | None = None,
        start: int = 0,
        end: int | None = None,
    ) -> AbstractContextManager[OpenObject]:
        """Open the bytes from `start` to before `end`, at most to the object's end, for reading.

        `start` lies before the end of the object, or is 0. Raises ObjectNotFoundError.
        """

    def keys(self, bucket: str, prefix: str) -> Iterator[str]:
        """The keys that begin with `prefix`, in lexicographic order."""

    def etags(self, bucket: str, prefix: str) -> dict[str, str]:
        """Key → ETag of every object whose key begins with `prefix`, in the order of keys()."""

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
        """Write atomically, from the file's beginning if `body` is a file, and only
        over the object with that ETag; over no object if it is None.

        Returns the ETag of what was written. Raises PreconditionFailedError where the object is
        another one by now.
        """

    def delete(self, bucket: str, key: str, *, if_match: str) -> None:
        """Delete the object with that ETag.

        Raises PreconditionFailedError where the object is another one, or gone, by now.
        """


def etag_of(content: bytes) -> str:
    """The ETag that S3 gives a content written at once, unless AWS KMS encrypts it: its MD5.

    Where it equals the ETag of an object, writing that object again would change nothing.
    """
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def is_newer(sequencer: str, than: str) -> bool:
    """Whether one S3 event sequencer is later than another of the same object key.

    Sequencers are hexadecimal and may differ in length: the shorter one is padded with zeros on the
    right, then they compare as text (AWS re:Post Knowledge Center, "Why do I see duplicate messages
    in Amazon SQS for the same Amazon S3 event?"). An unknown sequencer ("") is older than others.
    """
    width = max(len(sequencer), len(than))
    return sequencer.upper().ljust(width, "0") > than.upper().ljust(width, "0")


class Unseen(Enum):
    """Stands for the state of an object that the caller has not looked at."""

    UNSEEN = auto()


UNSEEN: Final = Unseen.UNSEEN


def put_unless_newer(
    storage: ObjectStorage,
    bucket: str,
    key: str,
    body: bytes,
    *,
    sequencer: str,
    content_type: str,
    metadata: Mapping[str, str],
    seen: ObjectInfo | Unseen | None = UNSEEN,
) -> bool:
    """Write a result unless the one that is there stems from a newer version of its source object.

    The result's sequencer is kept in the object's metadata. Together with the condition on the
    write this makes the outcome independent of order and of concurrent writers: the newest wins.
    `seen` is the state of the object, or None without one, as the caller saw it lately: that saves
    a request, and the outcome is the same if it has changed since.

    Returns False where the very same result is there already; then nothing is written, and no
    event reaches those who listen. Raises NewerVersionError.
    """
    digest = hashlib.sha256(body).hexdigest()
    wanted = {**metadata, SHA256: digest}
    if sequencer:
        wanted[SEQUENCER] = sequencer
    for _ in range(_ATTEMPTS):
        current = storage.head(bucket, key) if seen is UNSEEN else seen
        seen = UNSEEN
        if current is not None:
            written = current.metadata.get(SEQUENCER, "")
            if is_newer(written, sequencer):
                raise NewerVersionError(bucket, key, f"has sequencer {written} > {sequencer}")
            if dict(current.metadata) == wanted:
                return False
        try:
            storage.put(
                bucket,
                key,
                body,
                content_type=content_type,
                metadata=wanted,
                if_match=current.etag if current else None,
            )
        except PreconditionFailedError:
            continue
        return True
    raise PreconditionFailedError(bucket, key, f"another writer won {_ATTEMPTS} times in a row")
