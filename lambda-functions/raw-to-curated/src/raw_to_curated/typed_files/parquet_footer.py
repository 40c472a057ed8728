"""What the footer of a Parquet file says: where its row groups are, and how many rows they have.

The footer is a Thrift structure (parquet-format, parquet.thrift). polars does not say where row
groups begin, and a library that does is larger than all others of this function together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.typed_files import thrift

MAGIC = b"PAR1"
_TAIL_BYTES = 8
MAX_FOOTER_BYTES = 16 * 1024**2
"""Some 100,000 column chunks: more is no table."""

# Numbers of fields in parquet.thrift.
_FILE_ROWS, _ROW_GROUPS = 3, 4
_COLUMNS, _GROUP_ROWS = 1, 3
_META_DATA = 3
_PATH, _VALUES, _PLAIN_SIZE, _PACKED_SIZE, _DATA_PAGE, _DICTIONARY_PAGE = 3, 5, 6, 7, 9, 11

ReadRange = Callable[[int, int], bytes]
"""The bytes of the file from an offset to before another one."""


@dataclass(frozen=True)
class Chunk:
    """The values of one column in one row group: bytes [start, end), and how many values."""

    name: str
    values: int
    start: int
    end: int
    is_nested: bool


@dataclass(frozen=True)
class RowGroup:
    """The row group of this number, from 0: rows from `first_row` on, counted from 0, and the bytes
    [start, end) that hold them."""

    number: int
    first_row: int
    rows: int
    start: int
    end: int
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True)
class Footer:
    """Begins at byte `start` and ends with the file; row groups are in the order of their rows."""

    start: int
    row_groups: list[RowGroup]

    @property
    def rows(self) -> int:
        """Of all row groups."""
        return sum(group.rows for group in self.row_groups)


def read_footer(read: ReadRange, size: int) -> Footer:
    """The footer of a Parquet file of `size` bytes. Raises RejectedError."""
    if size < len(MAGIC) + _TAIL_BYTES:
        raise corrupt("it is too short")
    tail = read(size - _TAIL_BYTES, size)
    length = int.from_bytes(tail[:4], "little")
    start = size - _TAIL_BYTES - length
    if tail[4:] == b"PARE":
        raise corrupt("its footer is encrypted")
    if tail[4:] != MAGIC or start < len(MAGIC) or length > MAX_FOOTER_BYTES:
        raise corrupt("it does not end as one does")
    try:
        metadata, _ = thrift.decode(read(start, size - _TAIL_BYTES))
        groups = _row_groups(metadata, start)
        claimed = metadata[_FILE_ROWS]
    except (IndexError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise corrupt("its footer is damaged") from error
    footer = Footer(start, groups)
    if claimed != footer.rows:
        raise corrupt(f"its footer speaks of {claimed} rows, its row groups have {footer.rows}")
    return footer


def _row_groups(metadata: dict[int, Any], limit: int) -> list[RowGroup]:
    found: list[RowGroup] = []
    first_row = 0
    for group in metadata[_ROW_GROUPS]:
        rows = group[_GROUP_ROWS]
        chunks = tuple(_chunk(column[_META_DATA], limit) for column in group[_COLUMNS])
        if rows < 0 or any(not c.is_nested and c.values != rows for c in chunks):
            raise ValueError("columns of several lengths")
        start, end = min(c.start for c in chunks), max(c.end for c in chunks)
        found.append(RowGroup(len(found), first_row, rows, start, end, chunks))
        first_row += rows
    places = sorted((c.start, c.end) for group in found for c in group.chunks)
    if any(start < end for (_, end), (start, _) in pairwise(places)):
        raise ValueError("two columns in one place")
    return found


def _chunk(chunk: dict[int, Any], limit: int) -> Chunk:
    path = [name.decode() for name in chunk[_PATH]]
    # Some writers write 0 for no dictionary.
    start = min(chunk[_DATA_PAGE], chunk.get(_DICTIONARY_PAGE) or chunk[_DATA_PAGE])
    end = start + chunk[_PACKED_SIZE]
    if chunk[_PLAIN_SIZE] < 0 or not len(MAGIC) <= start <= end <= limit:
        raise ValueError("outside the file")
    return Chunk(".".join(path), chunk[_VALUES], start, end, len(path) > 1)


def corrupt(why: str) -> RejectedError:
    """The rejection of a damaged file."""
    return RejectedError(
        ObjectReason.CORRUPT_PARQUET,
        f"The object is no readable Parquet file: {why}. Write it again.",
    )
