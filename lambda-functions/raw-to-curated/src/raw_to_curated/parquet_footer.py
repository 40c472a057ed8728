"""Where the row groups of a Parquet file are, read from its footer.

The footer is a Thrift structure in the compact protocol (parquet-format, parquet.thrift; Apache
Thrift, thrift-compact-protocol.md). polars does not say where row groups begin, and a library that
does is larger than all others of this function together.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from raw_to_curated.reasons import ObjectReason, RejectedError

MAGIC = b"PAR1"
_TAIL_BYTES = 8
MAX_FOOTER_BYTES = 64 * 1024**2
"""Some 30,000 column chunks to a megabyte: more is no table."""
_MAX_DEPTH = 16

# Numbers of fields in parquet.thrift.
_ROW_GROUPS = 4
_COLUMNS, _NUM_ROWS = 1, 3
_META_DATA = 3
_COMPRESSED_SIZE, _DATA_PAGE, _DICTIONARY_PAGE = 7, 9, 11

# Types of the compact protocol.
_TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(1, 13)

ReadRange = Callable[[int, int], bytes]
"""The bytes of the file from an offset to before another one."""


@dataclass(frozen=True)
class RowGroup:
    """Rows from `first_row` on, counted from 0, and the bytes [start, end) that hold them."""

    first_row: int
    rows: int
    start: int
    end: int


@dataclass(frozen=True)
class Footer:
    """Begins at byte `start` and ends with the file; row groups are in the order of their rows."""

    start: int
    row_groups: list[RowGroup]


def read_footer(read: ReadRange, size: int) -> Footer:
    """The footer of a Parquet file of `size` bytes. Raises RejectedError."""
    if size < len(MAGIC) + _TAIL_BYTES:
        raise _corrupt("it is too short")
    tail = read(size - _TAIL_BYTES, size)
    length = int.from_bytes(tail[:4], "little")
    start = size - _TAIL_BYTES - length
    if tail[4:] != MAGIC or start < len(MAGIC) or length > MAX_FOOTER_BYTES:
        raise _corrupt("it does not end as one does")
    try:
        metadata = _Decoder(read(start, size - _TAIL_BYTES)).struct()
        return Footer(start, _row_groups(metadata, start))
    except (IndexError, KeyError, TypeError, ValueError, AttributeError, struct.error) as error:
        raise _corrupt("its footer is damaged") from error


def _row_groups(metadata: dict[int, Any], limit: int) -> list[RowGroup]:
    found: list[RowGroup] = []
    first_row = 0
    for group in metadata[_ROW_GROUPS]:
        chunks = [column[_META_DATA] for column in group[_COLUMNS]]
        starts = [min(c[_DATA_PAGE], c.get(_DICTIONARY_PAGE, c[_DATA_PAGE])) for c in chunks]
        ends = [
            start + chunk[_COMPRESSED_SIZE] for start, chunk in zip(starts, chunks, strict=True)
        ]
        rows = group[_NUM_ROWS]
        if rows < 0 or min(starts) < len(MAGIC) or max(ends) > limit:
            raise ValueError("outside the file")
        found.append(RowGroup(first_row, rows, min(starts), max(ends)))
        first_row += rows
    return found


def _corrupt(why: str) -> RejectedError:
    return RejectedError(
        ObjectReason.CORRUPT_PARQUET,
        f"The object is no readable Parquet file: {why}. Write it again.",
    )


class _Decoder:
    """Structures as dictionaries from the numbers of their fields to the values."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def struct(self, depth: int = 0) -> dict[int, Any]:
        if depth > _MAX_DEPTH:
            raise ValueError("nested too deeply")
        fields: dict[int, Any] = {}
        number = 0
        while header := self._byte():
            delta, kind = header >> 4, header & 0x0F
            number = number + delta if delta else self._integer()
            fields[number] = kind == _TRUE if kind in (_TRUE, _FALSE) else self._value(kind, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (_I16, _I32, _I64):
            return self._integer()
        if kind == _BINARY:
            return self._bytes(self._unsigned())
        if kind == _STRUCT:
            return self.struct(depth + 1)
        if kind in (_LIST, _SET):
            return self._list(depth)
        if kind in (_TRUE, _FALSE, _BYTE):
            return self._byte()
        if kind == _DOUBLE:
            return struct.unpack("<d", self._bytes(8))[0]
        raise ValueError(f"type {kind}")

    def _list(self, depth: int) -> list[Any]:
        if depth > _MAX_DEPTH:
            raise ValueError("nested too deeply")
        header = self._byte()
        size, kind = header >> 4, header & 0x0F
        if size == 0x0F:
            size = self._unsigned()
        # An element takes one byte at least, so that no size can claim more than there is.
        if size > len(self._data) - self._position:
            raise ValueError("longer than the footer")
        return [self._value(kind, depth + 1) for _ in range(size)]

    def _integer(self) -> int:
        value = self._unsigned()
        return (value >> 1) ^ -(value & 1)

    def _unsigned(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 63:
                raise ValueError("more than 64 bits")

    def _bytes(self, size: int) -> bytes:
        begin = self._position
        self._position += size
        if self._position > len(self._data):
            raise ValueError("longer than the footer")
        return self._data[begin : self._position]

    def _byte(self) -> int:
        byte = self._data[self._position]
        self._position += 1
        return byte
