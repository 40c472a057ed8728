"""The only file in a zip archive."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from datalake.storage import Readable
from datalake.zip_archive import DamagedArchiveError, UnsupportedArchiveError, ZipArchive
from raw_to_curated.reasons import ObjectReason, RejectedError


@contextmanager
def only_member(file: BinaryIO) -> Iterator[Readable]:
    """The one file in an archive, unpacked as it is read. Opening and reading raise RejectedError.

    The name inside is never used as a path: nothing is extracted.
    """
    with _refused():
        archive = ZipArchive(file)
        members = archive.members
        if len(members) != 1:
            raise RejectedError(
                ObjectReason.NOT_ONE_MEMBER,
                f"The archive holds {len(members)} files; exactly one is read. Upload each file "
                "as an object of its own.",
            )
        before = min(entry.header_offset for entry in archive.entries)
        if before:
            raise DamagedArchiveError(
                f"{before} bytes stand before it, perhaps another archive that would be passed over"
            )
        member = archive.open(members[0])
    yield _Refusing(member)


class _Refusing:
    """A member of which damage is a rejection."""

    def __init__(self, member: Readable) -> None:
        self._member = member

    def read(self, size: int, /) -> bytes:
        with _refused():
            return self._member.read(size)


@contextmanager
def _refused() -> Iterator[None]:
    try:
        yield
    except UnsupportedArchiveError as error:
        raise RejectedError(
            ObjectReason.CORRUPT_ZIP,
            f"The archive cannot be unpacked ({error}). Compress it with Deflate, the usual "
            "method, and without a password.",
        ) from error
    except DamagedArchiveError as error:
        raise RejectedError(
            ObjectReason.CORRUPT_ZIP,
            f"The object is no sound zip archive ({error}): it is truncated, damaged or not what "
            "its name says. Compress and upload it again.",
        ) from error
