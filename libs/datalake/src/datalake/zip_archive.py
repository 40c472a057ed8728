"""The members of a zip archive, unpacked as they are read, that believes nothing in its directory.

Memory is bounded, whatever the archive says of itself.
"""

from __future__ import annotations

import bz2
import errno
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Protocol

from datalake.storage import Readable

# What xz needs at its highest preset; the archive says how much to take.
_LZMA_MEMORY = 96 * 1024**2
_MOST_DIRECTORY = 4 * 1024**2
"""Bytes of the largest directory that is read: of tens of thousands of members."""
_COPY = 1024 * 1024
_HEADER = struct.Struct("<26xHH")
"""Of a local file header only the lengths of name and extra field, which the data follow."""


class DamagedArchiveError(Exception):
    """The archive is truncated, damaged or none; the message says in which way."""


class UnsupportedArchiveError(Exception):
    """The archive is encrypted, or packed by an unusual method; the message says how."""


class ZipArchive:
    """An archive in a seekable file. Whatever it does raises DamagedArchiveError or
    UnsupportedArchiveError."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        with _damage():
            self._archive = zipfile.ZipFile(_Bounded(file))
            self.entries = self._archive.infolist()

    @property
    def members(self) -> list[zipfile.ZipInfo]:
        """The entries that are files, in the order of the directory."""
        # A member may lack a name, with which `is_dir` cannot deal.
        return [entry for entry in self.entries if not entry.filename.endswith("/")]

    def open(self, member: zipfile.ZipInfo) -> Readable:
        """The content of a member. It is read from the file, so one member at a time."""
        with _damage():
            # Compares the local header with the directory, and knows what cannot be unpacked.
            self._archive.open(member).close()
            return _Member(self._file, member)


class _Bounded:
    """The file as `zipfile` sees it, which reads a directory at once."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek = file.seek
        self.tell = file.tell
        self.seekable = file.seekable

    def read(self, size: int = -1, /) -> bytes:
        if size > _MOST_DIRECTORY:
            raise zipfile.BadZipFile(
                f"its directory has {size} bytes; up to {_MOST_DIRECTORY} are read"
            )
        return self._file.read(size)


class _Codec(Protocol):
    """As bz2 and lzma decompress: at most `max_length` bytes at once."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Member:
    """What a member really unpacks to; compared with the directory at the end."""

    def __init__(self, file: IO[bytes], member: zipfile.ZipInfo) -> None:
        file.seek(member.header_offset)
        name_size, extra_size = _HEADER.unpack(file.read(_HEADER.size))
        file.seek(name_size + extra_size, 1)
        self._packed_left = member.compress_size
        self._file = file
        self._codec = self._codec_of(member)
        self._member = member
        self._size = 0
        self._crc = 0

    def read(self, size: int, /) -> bytes:
        with _damage():
            while not self._codec.eof:
                packed = self._packed(size) if self._codec.needs_input else b""
                piece = self._codec.decompress(packed, size)
                if piece:
                    self._size += len(piece)
                    self._crc = zlib.crc32(piece, self._crc)
                    return piece
                if not packed and not self._codec.eof:
                    raise EOFError("the packed data end early")
            if (self._size, self._crc) != (self._member.file_size, self._member.CRC):
                raise zipfile.BadZipFile(
                    f"the file inside has {self._size} bytes with CRC {self._crc:08x}; the "
                    f"directory says {self._member.file_size} with {self._member.CRC:08x}"
                )
            return b""

    def _packed(self, size: int) -> bytes:
        packed = self._file.read(min(size, _COPY, self._packed_left))
        self._packed_left -= len(packed)
        return packed

    def _codec_of(self, member: zipfile.ZipInfo) -> _Codec:
        if member.compress_type == zipfile.ZIP_BZIP2:
            return bz2.BZ2Decompressor()
        if member.compress_type == zipfile.ZIP_LZMA:
            # The same data as in a .lzma file, of which the memory can be limited.
            header = self._packed(9)[4:]
            codec = lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_LZMA_MEMORY)
            has_end_mark = member.flag_bits & 2
            size = b"\xff" * 8 if has_end_mark else struct.pack("<Q", member.file_size)
            codec.decompress(header + size)
            return codec
        if member.compress_type == zipfile.ZIP_DEFLATED:
            return _Deflated()
        if member.compress_type == zipfile.ZIP_STORED:
            return _Stored(member.compress_size)
        raise NotImplementedError(f"compression method {member.compress_type}")


class _Deflated:
    def __init__(self) -> None:
        self._zlib = zlib.decompressobj(-zlib.MAX_WBITS)

    @property
    def eof(self) -> bool:
        return self._zlib.eof

    @property
    def needs_input(self) -> bool:
        return not self._zlib.unconsumed_tail

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        return self._zlib.decompress(self._zlib.unconsumed_tail + data, max_length)


class _Stored:
    needs_input = True

    def __init__(self, size: int) -> None:
        self._left = size

    @property
    def eof(self) -> bool:
        return self._left == 0

    def decompress(self, data: bytes, _max_length: int, /) -> bytes:
        self._left -= len(data)
        return data


@contextmanager
def _damage() -> Iterator[None]:
    """Turn every way in which an archive can be unreadable into an error of this module."""
    try:
        yield
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        lzma.LZMAError,
        struct.error,
        EOFError,
        ValueError,
        OverflowError,
    ) as error:
        raise DamagedArchiveError(str(error)) from error
    except (NotImplementedError, RuntimeError) as error:
        raise UnsupportedArchiveError(str(error)) from error
    except OSError as error:
        # Of bz2 for damaged data, and of a seek to where no file is. Others are the disk's.
        if error.errno not in (None, errno.EINVAL):
            raise
        raise DamagedArchiveError(str(error)) from error
