"""How many values the pages of a Parquet file hold, counted without decoding them.

It tells what a footer says that is not so. Source: parquet-format, parquet.thrift (PageHeader).
"""

from __future__ import annotations

import zlib
from typing import Any

from raw_to_curated.typed_files import thrift
from raw_to_curated.typed_files.parquet_footer import Chunk, RowGroup, corrupt

# Numbers of fields in parquet.thrift.
_TYPE, _PLAIN_SIZE, _PACKED_SIZE, _CHECKSUM = 1, 2, 3, 4
_DATA_PAGES = {0: 5, 3: 8}
"""From the type of a data page (its first and its second version) to the field of its header."""
_VALUES = 1

# Headers are short, but may repeat the smallest and the greatest value of a column of long texts.
_HEADER_BYTES = (1024, 1024**2)


def check_pages(data: memoryview, group: RowGroup) -> None:
    """Raise RejectedError unless each column of a row group has as many values as the footer says,
    and bytes that fit their checksum where they have one."""
    for chunk in group.chunks:
        try:
            values = _count(data[chunk.start : chunk.end])
        except (KeyError, TypeError) as error:
            raise corrupt(f"{_where(chunk, group)} has pages without all they need") from error
        except ValueError as error:
            raise corrupt(f"{_where(chunk, group)} has damaged pages ({error})") from error
        if values != chunk.values:
            raise corrupt(
                f"{_where(chunk, group)} has {values} values, and {chunk.values} by its footer"
            )


def _count(chunk: memoryview) -> int:
    values = position = 0
    while position < len(chunk):
        header, size = _header(chunk[position:])
        position += size
        packed = header[_PACKED_SIZE]
        page = chunk[position : position + packed] if packed >= 0 else b""
        if len(page) != packed or header[_PLAIN_SIZE] < 0:
            raise ValueError("outside their column")
        if _CHECKSUM in header and zlib.crc32(page) != header[_CHECKSUM] & 0xFFFFFFFF:
            raise ValueError("other bytes than were written")
        position += packed
        if field := _DATA_PAGES.get(header[_TYPE]):
            found = header[field][_VALUES]
            if found < 0:
                raise ValueError("fewer than no values")
            values += found
    return values


def _header(data: memoryview) -> tuple[dict[int, Any], int]:
    for size in _HEADER_BYTES:
        try:
            return thrift.decode(bytes(data[:size]))
        except thrift.ThriftError:
            if size >= len(data) or size == _HEADER_BYTES[-1]:
                raise
    raise AssertionError


def _where(chunk: Chunk, group: RowGroup) -> str:
    return f"column {chunk.name[:60]} of the row group from row {group.first_row + 1} on"
