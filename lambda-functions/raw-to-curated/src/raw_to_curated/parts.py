"""Where a large object is cut: between records of a text, between row groups of a Parquet file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from datalake.storage import Readable
from raw_to_curated.content import filled, format_of
from raw_to_curated.multiline import MAX_LINES_PER_RECORD
from raw_to_curated.sources.model import Format, Source
from raw_to_curated.typed_files.parquet_footer import Footer, read_footer

OpenRange = Callable[[int, int | None], AbstractContextManager[Readable]]
"""Opens the object's bytes from an offset to before another one, or to its end."""

# A boundary is looked for in so much text; where none is sure, two parts stay one.
_WINDOW_BYTES = 1024**2
# White space and a byte order mark.
_NOT_WRITTEN = b" \t\r\n\f\v\xef\xbb\xbf"


def is_divisible(source: Source, key: str) -> bool:
    """Whether an object of this key can be cut: Parquet, and CSV and JSON Lines as they are.

    Raises RejectedError for a format that the source does not declare.
    """
    file_format, compression = format_of(key, source)
    if file_format is Format.PARQUET:
        return True
    return file_format.is_text and not compression


def bounds(
    source: Source, key: str, size: int, part_bytes: int, opened: OpenRange
) -> list[tuple[int, int]]:
    """Offsets [start, end) of parts of at least about `part_bytes`, one after the other.

    Raises RejectedError.
    """
    cuts = [0]
    if size > part_bytes and is_divisible(source, key):
        if format_of(key, source)[0] is Format.PARQUET:
            found = _row_group_cuts(footer_of(opened, size), part_bytes)
        else:
            found = _record_cuts(source, key, size, part_bytes, opened)
        for cut in found:
            if cuts[-1] < cut < size:
                cuts.append(cut)
    return list(zip(cuts, [*cuts[1:], size], strict=True))


def beginning(source: Source, key: str, size: int, rows: int, opened: OpenRange) -> int:
    """Where the first part of an object may end if it must have `rows` rows.

    Text may end anywhere, as its reader stops early. Parquet ends after a row group. Raises
    RejectedError.
    """
    if format_of(key, source)[0] is Format.PARQUET:
        for group in footer_of(opened, size).row_groups:
            if group.first_row + group.rows >= rows:
                return group.end
    return size


def footer_of(opened: OpenRange, size: int) -> Footer:
    """The footer of a Parquet object. Raises RejectedError."""

    def read(start: int, end: int) -> bytes:
        with opened(start, end) as stream:
            return filled(stream).read(end - start)

    return read_footer(read, size)


def _row_group_cuts(footer: Footer, part_bytes: int) -> Iterator[int]:
    last = 0
    for group in footer.row_groups[1:]:
        if group.start - last >= part_bytes:
            last = group.start
            yield last


def _record_cuts(
    source: Source, key: str, size: int, part_bytes: int, opened: OpenRange
) -> Iterator[int]:
    is_csv = format_of(key, source)[0].is_csv
    for wanted in range(_first_written(opened) + part_bytes, size, part_bytes):
        with opened(wanted, wanted + _WINDOW_BYTES) as stream:
            window = filled(stream).read(_WINDOW_BYTES)
        position = _record_begin(window, MAX_LINES_PER_RECORD if is_csv else 0)
        if position is not None:
            yield wanted + position


def _first_written(opened: OpenRange) -> int:
    """The offset of the first byte that is no white space: the first part has the header."""
    offset = 0
    with opened(0, None) as stream:
        while window := stream.read(_WINDOW_BYTES):
            if written := window.lstrip(_NOT_WRITTEN):
                return offset + len(window) - len(written)
            offset += len(window)
    return offset


def _record_begin(window: bytes, lines: int) -> int | None:
    """The first offset at which a record is sure to begin: after a run of so many lines, longer
    than any record believed, in which no quotation mark is left open."""
    position = window.find(b"\n") + 1
    if not position:
        return None
    run = lines
    while run:
        end = window.find(b"\n", position) + 1
        if not end:
            return None
        run = run - 1 if window.count(b'"', position, end) % 2 == 0 else lines
        position = end
    return position
