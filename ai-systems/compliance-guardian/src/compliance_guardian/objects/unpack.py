"""The files in an object: itself, or what gzip or a zip archive packed, within bounds."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

from compliance_guardian.objects.results import UnreadableError
from datalake.storage import Readable
from datalake.zip_archive import DamagedArchiveError, UnsupportedArchiveError, ZipArchive

MAX_BYTES = 512 * 1024**2
"""Most unpacked bytes of one object that are scanned: what fits in the function's time."""
MAX_MEMBERS = 1_000
MAX_RATIO = 1_000
"""Largest believable ratio of compression: Deflate cannot do more than 1,032."""
_RATIO_FROM = 64 * 1024**2
_BLOCK = 1024**2
GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"


@contextmanager
def spooled(stream: Readable) -> Iterator[IO[bytes]]:
    """The stream as a file in /tmp. Raises UnreadableError if it is too large."""
    left = MAX_BYTES
    with tempfile.NamedTemporaryFile() as file:
        while block := stream.read(_BLOCK):
            left -= len(block)
            if left < 0:
                raise _too_large()
            file.write(block)
        file.flush()
        file.seek(0)
        yield cast("IO[bytes]", file)


def files(stream: Readable) -> Iterator[tuple[str, Readable]]:
    """Name and content of each file; the name is "" unless it is a member of an archive.

    What a file is decide its first bytes, not its name. A file that is packed in another one is
    unpacked once more. Each must be read before the next. Raises UnreadableError, also while
    reading.
    """
    budget = _Budget()
    yield from _files("", _Peekable(stream), budget, 2)


def _files(
    name: str, stream: _Peekable, budget: _Budget, depth: int
) -> Iterator[tuple[str, Readable]]:
    start = stream.peek(4)
    if depth and start.startswith(GZIP):
        yield from _files(name, _Peekable(_Gunzipped(stream)), budget, depth - 1)
    elif depth and start == ZIP:
        with spooled(stream) as file:
            yield from _members(name, file, budget, depth)
    elif start.startswith(GZIP) or start == ZIP:
        raise UnreadableError(
            "The object is packed more than twice. Unpack it and upload it again."
        )
    else:
        yield name, _Metered(stream, budget)


def _members(
    name: str, file: IO[bytes], budget: _Budget, depth: int
) -> Iterator[tuple[str, Readable]]:
    with _named():
        archive = ZipArchive(file)
    members = archive.members
    if len(members) > MAX_MEMBERS:
        raise UnreadableError(
            f"The archive has {len(members)} files; up to {MAX_MEMBERS} are scanned. Split it."
        )
    for member in members:
        inner = f"{name}/{member.filename}" if name else member.filename
        with _named():
            content = archive.open(member)
        checked = _Checked(content, member.compress_size)
        yield from _files(inner, _Peekable(checked), budget, depth - 1)


@contextmanager
def _named() -> Iterator[None]:
    try:
        yield
    except DamagedArchiveError as error:
        raise UnreadableError("The archive is damaged. Pack and upload it again.") from error
    except UnsupportedArchiveError as error:
        raise UnreadableError(
            "A file in the archive is encrypted, or packed by an unusual method. Pack it with "
            "Deflate, without a password."
        ) from error


class _Budget:
    """How much of the object may still be scanned."""

    def __init__(self) -> None:
        self.left = MAX_BYTES


class _Metered:
    """A stream that takes from a budget."""

    def __init__(self, stream: Readable, budget: _Budget) -> None:
        self._stream = stream
        self._budget = budget

    def read(self, size: int, /) -> bytes:
        block = self._stream.read(size)
        self._budget.left -= len(block)
        if self._budget.left < 0:
            raise _too_large()
        return block


class _Peekable:
    """A stream of which the first bytes can be looked at; blocks are filled."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._ahead = b""

    def peek(self, size: int) -> bytes:
        self._ahead = self.read(size)
        return self._ahead

    def read(self, size: int, /) -> bytes:
        pieces, self._ahead = [self._ahead[:size]], self._ahead[size:]
        size -= len(pieces[0])
        while size > 0 and (piece := self._stream.read(size)):
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)


class _Checked:
    """A member of an archive of which damage is named, and a decompression bomb refused."""

    def __init__(self, stream: Readable, packed: int) -> None:
        self._stream = stream
        self._packed = packed
        self._size = 0

    def read(self, size: int, /) -> bytes:
        with _named():
            block = self._stream.read(size)
        self._size += len(block)
        if self._size > _RATIO_FROM and self._size > MAX_RATIO * self._packed:
            raise _bomb()
        return block


class _Gunzipped:
    """The members of a gzip file, one after the other."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._packed = self._size = 0
        self._input = b""
        self._codec = zlib.decompressobj(zlib.MAX_WBITS | 16)

    def read(self, size: int, /) -> bytes:
        while True:
            if not self._input:
                self._input = self._stream.read(_BLOCK)
                self._packed += len(self._input)
            if not self._input:
                if not self._codec.eof:
                    raise UnreadableError("The gzip file is cut. Pack and upload it again.")
                return b""
            if self._codec.eof:
                self._input = self._input.lstrip(b"\x00")
                if not self._input:
                    continue
                self._codec = zlib.decompressobj(zlib.MAX_WBITS | 16)
            try:
                block = self._codec.decompress(self._input, size)
            except zlib.error as error:
                raise UnreadableError(
                    "The gzip file is damaged. Pack and upload it again."
                ) from error
            self._input = (
                self._codec.unused_data if self._codec.eof else self._codec.unconsumed_tail
            )
            self._size += len(block)
            if self._size > _RATIO_FROM and self._size > MAX_RATIO * self._packed:
                raise _bomb()
            if block:
                return block


def _too_large() -> UnreadableError:
    return UnreadableError(
        f"No more than {MAX_BYTES // 1024**2} MiB of an object are scanned. Split it."
    )


def _bomb() -> UnreadableError:
    return UnreadableError(
        f"The object unpacks to more than {MAX_RATIO} times its size. Upload it unpacked."
    )
