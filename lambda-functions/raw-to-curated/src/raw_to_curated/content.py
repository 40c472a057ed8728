"""From a raw object to a stream of its text: compression, size limits, what is no text at all."""

from __future__ import annotations

import errno
import gzip
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, cast

from datalake.storage import Readable
from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.sources.model import Format, Source

MAX_TEXT_BYTES = 4 * 1024**3
"""Most text, decompressed, that one invocation takes on; it bounds time, see README."""
MAX_RATIO = 200
"""Largest believable compression ratio. Tables reach 50; a decompression bomb goes to 1,000."""
_RATIO_FROM = 64 * 1024**2
_COPY = 1024 * 1024

_SIGNATURES = {
    b"PK\x03\x04": "a zip archive or an Excel workbook; name it .zip or .xlsx",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; export it as CSV",
    b"PAR1": "a Parquet file; name it .parquet",
    b"%PDF": "a PDF document; export the data as CSV",
    b"\x89PNG": "a picture",
    b"\x1f\x8b": "gzip-compressed; name it .gz",
}


def format_of(key: str, source: Source) -> tuple[Format, str]:
    """The format and the compression ("", "gz" or "zip") that a key's suffix says.

    Raises RejectedError if the source declares no such format.
    """
    name, compression = key.lower(), ""
    for suffix in ("gz", "zip"):
        if name.endswith(f".{suffix}"):
            name, compression = name.removesuffix(f".{suffix}"), suffix
    for file_format in source.formats:
        if name.endswith(file_format) and (file_format.is_text or not compression):
            return file_format, compression
    allowed = [text for f in source.formats for text in _suffixes(f)]
    raise RejectedError(
        ObjectReason.UNSUPPORTED_SUFFIX,
        f"Only keys of source {source.name} that end in {', '.join(allowed)} are read; rename the "
        "object, or declare the format in the source's mapping.",
    )


def _suffixes(file_format: Format) -> list[str]:
    compressed = [f"{file_format}.gz", f"{file_format}.zip"] if file_format.is_text else []
    return [file_format.value, *compressed]


@contextmanager
def text_stream(stream: Readable, compression: str) -> Iterator[Readable]:
    """The decompressed bytes of a text object; reading raises RejectedError."""
    if compression == "gz":
        counted = _Counted(stream)
        with gzip.GzipFile(fileobj=cast(BinaryIO, counted)) as unpacked:
            yield _Limited(unpacked, counted)
    elif compression == "zip":
        with spooled(stream) as file, _only_member(file) as (member, packed_size):
            yield _Limited(member, _Counted(member, packed_size))
    else:
        yield _Limited(stream, None)


@contextmanager
def spooled(stream: Readable) -> Iterator[BinaryIO]:
    """The stream as a seekable file in /tmp."""
    with tempfile.TemporaryFile() as file:
        copy_to(stream, file)
        file.seek(0)
        yield cast(BinaryIO, file)


def copy_to(stream: Readable, file: IO[bytes]) -> None:
    """Write what is left of a stream to a file. Raises RejectedError if /tmp is full."""
    try:
        while block := stream.read(_COPY):
            file.write(block)
        file.flush()
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise too_large("what /tmp holds") from error
        raise


def filled(stream: Readable) -> Readable:
    """The stream with blocks filled as long as there is something to read."""
    return _Limited(stream, None)


def too_large(limit: str) -> RejectedError:
    """The rejection of an object above a limit, given in words."""
    return RejectedError(
        ObjectReason.TOO_LARGE,
        f"The object is larger than {limit}. Upload it uncompressed, then it is curated in "
        "parts, or split it into smaller files, each with the header line.",
    )


def refuse_binary(start: bytes) -> None:
    """Raise RejectedError if a text's first bytes are those of another kind of file."""
    for signature, kind in _SIGNATURES.items():
        if start.startswith(signature):
            raise RejectedError(ObjectReason.NOT_TEXT, f"The object is no text but {kind}.")


class _Counted:
    """Counts what is read from a stream; `total` may be known before."""

    def __init__(self, stream: Readable, total: int | None = None) -> None:
        self._stream = stream
        self.total = total or 0

    def read(self, size: int = -1, /) -> bytes:
        block = self._stream.read(size if size >= 0 else _COPY)
        self.total += len(block)
        return block

    def seekable(self) -> bool:
        return False


class _Limited:
    """A stream of text that stops at the limits; `packed` counts the bytes it came from."""

    def __init__(self, stream: Readable, packed: _Counted | None) -> None:
        self._stream = stream
        self._packed = packed
        self._size = 0

    def read(self, size: int, /) -> bytes:
        # Blocks are filled, however short the pieces in which the network delivers them: the
        # boundaries of segments, and so the bytes of the results, must not depend on it.
        pieces: list[bytes] = []
        while size > 0 and (piece := self._piece(size)):
            pieces.append(piece)
            size -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _piece(self, size: int) -> bytes:
        try:
            piece = self._stream.read(size)
        except (EOFError, gzip.BadGzipFile, zlib.error, zipfile.BadZipFile) as error:
            reason = (
                ObjectReason.CORRUPT_ZIP
                if isinstance(error, zipfile.BadZipFile)
                else ObjectReason.CORRUPT_GZIP
            )
            raise RejectedError(
                reason,
                f"The object cannot be decompressed ({error}); it is truncated, damaged or not "
                "what its name says. Compress and upload it again.",
            ) from error
        self._size += len(piece)
        if self._size > MAX_TEXT_BYTES:
            raise too_large(f"{MAX_TEXT_BYTES // 1024**2} MiB of text")
        packed = self._packed
        if packed and self._size > _RATIO_FROM and self._size > MAX_RATIO * max(packed.total, 1):
            raise RejectedError(
                ObjectReason.DECOMPRESSION_BOMB,
                f"The object unpacks to more than {MAX_RATIO} times its size, as no table does. "
                "If it is genuine, upload it uncompressed.",
            )
        return piece


@contextmanager
def _only_member(file: BinaryIO) -> Iterator[tuple[Readable, int]]:
    """The one file in a zip archive, unpacked as it is read, and its compressed size."""
    try:
        archive = zipfile.ZipFile(file)
        members = [member for member in archive.infolist() if not member.is_dir()]
    except (zipfile.BadZipFile, ValueError) as error:
        raise RejectedError(
            ObjectReason.CORRUPT_ZIP,
            f"The object is no zip archive ({error}). Compress and upload it again.",
        ) from error
    with archive:
        if len(members) != 1:
            raise RejectedError(
                ObjectReason.NOT_ONE_MEMBER,
                f"The archive holds {len(members)} files; exactly one is read. Upload each file "
                "as an object of its own.",
            )
        (member,) = members
        # The name inside is never used as a path: nothing is extracted.
        try:
            with archive.open(member) as unpacked:
                yield cast(Readable, unpacked), member.compress_size
        except (RuntimeError, NotImplementedError) as error:
            raise RejectedError(
                ObjectReason.CORRUPT_ZIP,
                f"The archive cannot be unpacked ({error}). Compress it without a password.",
            ) from error
