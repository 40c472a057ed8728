"""From a raw object to a stream of its text: compression, size limits, what is no text at all."""

from __future__ import annotations

import errno
import gzip
import os
import re
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, cast

from datalake.storage import Readable
from raw_to_curated.archive import only_member
from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.sources.model import Format, Source

MAX_TEXT_BYTES = 4 * 1024**3
"""Most text, decompressed, that one invocation takes on; it bounds time, see README."""
MAX_RATIO = 200
"""Largest believable compression ratio. Tables reach 50; a decompression bomb goes to 1,000."""
_RATIO_FROM = 4 * 1024**2
_COPY = 1024 * 1024

_PACKED = {
    rb"PK\x03\x04": "a zip archive or an Excel workbook",
    rb"\x1f\x8b": "a gzip file",
    rb"BZh[1-9]1AY&SY": "a bzip2 file",
    rb"\xfd7zXZ\x00": "an xz file",
    rb"\x28\xb5\x2f\xfd": "a Zstandard file",
    rb"\x04\x22\x4d\x18": "an LZ4 file",
    rb"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    rb"Rar!\x1a\x07": "a RAR archive",
    rb"(?s:.{257})ustar[\x00 ]": "a tar archive",
}
_BINARY = {
    rb"\xd0\xcf\x11\xe0": "an old Excel workbook; export it as CSV",
    rb"PAR1": "a Parquet file; name it .parquet",
    rb"%PDF": "a PDF document; export the data as CSV",
    rb"\x89PNG": "a picture",
    rb"SQLite format 3\x00": "an SQLite database; export the table as CSV",
    rb"ARROW1\x00": "an Arrow file; write it as Parquet",
}
_SUFFIXES = ("gz", "zip")


def format_of(key: str, source: Source) -> tuple[Format, str]:
    """The format and the compression ("", "gz" or "zip") that a key's suffix says.

    Raises RejectedError if the source declares no such format.
    """
    name, compression = _unpacked(key.lower())
    if _unpacked(name)[1]:
        raise RejectedError(
            ObjectReason.UNSUPPORTED_SUFFIX,
            f"By its name, {key[len(_unpacked(name)[0]) :]}, the object is packed twice. Unpack it "
            f"once and upload what is inside, a .{_unpacked(name)[1]} file.",
        )
    for file_format in source.formats:
        if name.endswith(file_format) and (file_format.is_text or not compression):
            return file_format, compression
    allowed = [text for f in source.formats for text in _suffixes(f)]
    raise RejectedError(
        ObjectReason.UNSUPPORTED_SUFFIX,
        f"Only keys of source {source.name} that end in {', '.join(allowed)} are read; rename the "
        "object, or declare the format in the source's mapping.",
    )


def _unpacked(name: str) -> tuple[str, str]:
    """A name without the suffix of a compression, and that suffix or ""."""
    for suffix in _SUFFIXES:
        if name.endswith(f".{suffix}"):
            return name.removesuffix(f".{suffix}"), suffix
    return name, ""


def _suffixes(file_format: Format) -> list[str]:
    compressed = [f"{file_format}.gz", f"{file_format}.zip"] if file_format.is_text else []
    return [file_format.value, *compressed]


@contextmanager
def text_stream(stream: Readable, compression: str) -> Iterator[Readable]:
    """The decompressed bytes of a text object; reading raises RejectedError."""
    if compression == "gz":
        counted = _Counted(stream)
        with gzip.GzipFile(fileobj=cast(BinaryIO, counted)) as unpacked:
            yield _Text(_Limited(_Sound(unpacked), lambda: counted.total), "gzip file")
    elif compression == "zip":
        with spooled(stream) as file, only_member(file) as member:
            size = os.fstat(file.fileno()).st_size
            yield _Text(_Limited(member, lambda: size), "zip archive")
    else:
        yield _Text(_Limited(stream), "")


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


class _Counted:
    """Counts what is read from a stream."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self.total = 0

    def read(self, size: int = -1, /) -> bytes:
        block = self._stream.read(size if size >= 0 else _COPY)
        self.total += len(block)
        return block

    def seekable(self) -> bool:
        return False


class _Sound:
    """A gzip file of which damage is a rejection."""

    def __init__(self, stream: gzip.GzipFile) -> None:
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        try:
            return self._stream.read(size)
        except (EOFError, gzip.BadGzipFile, zlib.error, struct.error) as error:
            raise RejectedError(
                ObjectReason.CORRUPT_GZIP,
                f"The object cannot be decompressed ({error}); it is truncated, damaged or not "
                "what its name says. Compress and upload it again.",
            ) from error


class _Limited:
    """A stream that stops at the limits; `packed` says from how many bytes it came so far."""

    def __init__(self, stream: Readable, packed: Callable[[], int] | None = None) -> None:
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
        piece = self._stream.read(size)
        self._size += len(piece)
        if self._size > MAX_TEXT_BYTES:
            raise too_large(f"{MAX_TEXT_BYTES // 1024**2} MiB of text")
        is_much = self._packed is not None and self._size > _RATIO_FROM
        if is_much and self._packed and self._size > MAX_RATIO * self._packed():
            raise RejectedError(
                ObjectReason.DECOMPRESSION_BOMB,
                f"The object unpacks to more than {MAX_RATIO} times its size, as no table does. "
                "If it is genuine, upload it uncompressed.",
            )
        return piece


class _Text:
    """The text of a whole object, refused where its first bytes are those of another kind of file.
    `container` is that in which it came, "" without one."""

    def __init__(self, stream: Readable, container: str) -> None:
        self._stream = stream
        self._container = container
        self._is_begun = False

    def read(self, size: int, /) -> bytes:
        block = self._stream.read(size)
        if not self._is_begun:
            self._is_begun = True
            self._refuse_binary(block)
        return block

    def _refuse_binary(self, start: bytes) -> None:
        packed = next((kind for mark, kind in _PACKED.items() if re.match(mark, start)), None)
        other = next((kind for mark, kind in _BINARY.items() if re.match(mark, start)), None)
        if not packed and not other:
            return
        if not self._container:
            advice = f"{packed}. Name it by its kind, or unpack it." if packed else f"{other}."
            found = f"The object is no text but {advice}"
        elif packed:
            found = (
                f"The object is packed twice: inside of the {self._container} is {packed}. Unpack "
                "it once and upload what is inside."
            )
        else:
            found = f"Inside of the {self._container} is no text but {other}."
        raise RejectedError(ObjectReason.NOT_TEXT, found)
