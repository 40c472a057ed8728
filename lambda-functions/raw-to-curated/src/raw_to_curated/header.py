"""The first line of text: what may be wrong with it, in words, and a header's fields."""

from __future__ import annotations

import csv
from collections.abc import Iterable

import polars as pl

from raw_to_curated.drift import bare_name, infer
from raw_to_curated.lines import MAX_LINE_BYTES, LineChunk
from raw_to_curated.reasons import ObjectReason, RejectedError, RowReason
from raw_to_curated.sources.model import Source

_OTHER_DELIMITERS = (",", ";", "\t", "|")
_LOOKED_AT = 30
_TYPES_OF_VALUES = {"integer", "decimal", "date", "timestamp", "date in another order"}


def check_line_end(first: LineChunk) -> None:
    """Raise RejectedError if a carriage return is inside of the first line of a chunk."""
    line = first.text.partition(b"\n")[0]
    position = line.rstrip(b"\r").find(b"\r") + 1
    if position:
        is_mixed = b"\n" in first.text
        raise RejectedError(
            ObjectReason.WRONG_LINE_ENDS,
            f"There is a carriage return (CR) inside of line {first.first_line}, at byte "
            f"{position}: {'line ends are mixed' if is_mixed else 'lines end in CR alone'}. Save "
            "the file with LF or CR LF at the end of every line.",
        )


def check_readable(first: LineChunk, source: Source) -> None:
    """Raise RejectedError if the header, the first line of a chunk, is a faulty one."""
    number = first.first_line
    line = first.text.partition(b"\n")[0]
    fault = first.faults.get(number)
    if fault is RowReason.INVALID_ENCODING:
        raise RejectedError(
            ObjectReason.WRONG_ENCODING,
            f"The header, in line {number}, is in none of the encodings of source {source.name} "
            f"({', '.join(source.encodings)}), or is damaged UTF-8: "
            f"{line.decode()[:200]}. Export the file again as UTF-8.",
        )
    if fault is not None:
        raise RejectedError(
            ObjectReason.COLUMNS_MISMATCH,
            f"The header, in line {number}, is longer than {MAX_LINE_BYTES // 1024**2} MiB; line "
            "ends are missing. Save the file with LF or CR LF at the end of every line.",
        )


def parse_header(line: str, source: Source) -> list[str]:
    """The fields of the first line of a file."""
    return _split(line, source.delimiter) or [line]


def diagnosis(line: str, source: Source, lines_after: Iterable[str] = ()) -> str:
    """A sentence on what is wrong with a header that is not the source's; "" if nothing is plain
    but the names of its columns. `lines_after` are the next few lines."""
    fields = _split(line, source.delimiter)
    for distance, other_line in enumerate(lines_after, start=1):
        if sorted(_split(other_line, source.delimiter) or []) == sorted(source.column_names):
            return f"The header comes {distance} lines later; remove the lines before it."
    if fields is None:
        return "The quotation marks in the header are unbalanced."
    expected = {bare_name(name) for name in source.column_names}
    found = _known(fields, expected)
    if len(fields) == 1 and _known(_split(fields[0], source.delimiter) or [], expected) > found:
        return "The whole header stands in one pair of quotation marks."
    for other in _OTHER_DELIMITERS:
        others = _split(line, other) or []
        if other != source.delimiter and _known(others, expected) > max(found, 1):
            return f"The header has {other!r} between its fields; {source.delimiter!r} is expected."
    if not found and any(infer(pl.Series([f])) in _TYPES_OF_VALUES for f in fields[:_LOOKED_AT]):
        return "The first line looks like data; add the header line before it."
    return ""


def _split(line: str, delimiter: str) -> list[str] | None:
    """None where quotation marks are unbalanced."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True))
    except (csv.Error, StopIteration):
        return None


def _known(fields: list[str], expected: set[str]) -> int:
    return sum(bare_name(field) in expected for field in fields)
