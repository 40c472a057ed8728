"""The only file in a zip archive, as a stream that believes nothing in the archive's directory."""

from __future__ import annotations

import bz2
import errno
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol

from datalake.storage import Readable
from raw_to_curated.reasons import ObjectReason, RejectedError

# What xz needs at its highest preset; the archive says how much to take.
_LZMA_MEMORY = 96 * 1024**2
_COPY = 1024 * 1024
_HEADER = struct.Struct("<26xHH")
"""Of a local file header only the lengths of name and extra field, which the data follow."""


@contextmanager
def only_member(file: BinaryIO) -> Iterator[Readable]:
    """The one file in an archive, unpacked as it is read. Opening and reading raise RejectedError.

    The name inside is never used as a path: nothing is extracted.
    """
    with _damage(), zipfile.ZipFile(file) as archive:
        # A member may lack a name.
        members = [m for m in archive.infolist() if not m.filename.endswith("/")]
        if len(members) != 1:
            raise RejectedError(
                ObjectReason.NOT_ONE_MEMBER,
                f"The archive holds {len(members)} files; exactly one is read. Upload each file "
                "as an object of its own.",
            )
        before = min(member.header_offset for member in archive.infolist())
        if before:
            raise zipfile.BadZipFile(
                f"{before} bytes stand before it, perhaps another archive that would be passed over"
            )
        # Compares the local header with the directory, and knows what cannot be unpacked.
        archive.open(members[0]).close()
    yield _Member(file, members[0])


class _Codec(Protocol):
    """As bz2 and lzma decompress: at most `max_length` bytes at once."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Member:
    """What a member really unpacks to; compared with the directory at the end."""

    def __init__(self, file: BinaryIO, member: zipfile.ZipInfo) -> None:
        with _damage():
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
    """Turn every way in which an archive can be unreadable into a rejection."""
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
        raise _unreadable(error) from error
    except (NotImplementedError, RuntimeError) as error:
        raise RejectedError(
            ObjectReason.CORRUPT_ZIP,
            f"The archive cannot be unpacked ({error}). Compress it with Deflate, the usual "
            "method, and without a password.",
        ) from error
    except OSError as error:
        # Of bz2 for damaged data, and of a seek to where no file is. Others are the disk's.
        if error.errno not in (None, errno.EINVAL):
            raise
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> RejectedError:
    return RejectedError(
        ObjectReason.CORRUPT_ZIP,
        f"The object is no sound zip archive ({error}): it is truncated, damaged or not what its "
        "name says. Compress and upload it again.",
    )
