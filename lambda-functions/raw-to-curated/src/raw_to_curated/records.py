"""From CSV text to rows: vectorised, and without losing a line that other readers would drop.

The dialect is RFC 4180. Usual readers fill short rows with nulls, cut long ones, or let one stray
quotation mark swallow the rest of the file; here every record that is not exactly well formed is
kept apart with its text, its line number and the reason.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

import polars as pl

from raw_to_curated.reasons import ObjectReason, RejectedError, RowReason
from raw_to_curated.sources.model import Source

LINE_NUMBER = "__line_number"
RAW_TEXT = "__raw_text"
REASON = "__reason"

# A quoted field may contain line breaks. One over more lines than this is taken for a quotation
# mark that was never closed, so that it cannot swallow good rows.
MAX_LINES_PER_RECORD = 64

_SHOWN_COLUMNS = 30


@dataclass(frozen=True)
class Records:
    """The data records of a file.

    rows: LINE_NUMBER (Int64, 1-based; the header is line 1), RAW_TEXT, and the source's columns
    as String, null where empty. malformed: LINE_NUMBER, RAW_TEXT, REASON.
    """

    rows: pl.DataFrame
    malformed: pl.DataFrame
    blank_lines: int


def read_records(text: bytes, source: Source) -> Records:
    """Split UTF-8 text with line ends \\n into records. Raises RejectedError for a wrong header."""
    lines = _lines(text)
    header = _header(lines[RAW_TEXT][0], source)
    records = _records(lines.slice(1), _Dialect(source.delimiter))
    is_blank = records[RAW_TEXT].str.strip_chars() == ""
    judged = _judge(records.filter(~is_blank), _Dialect(source.delimiter), len(header))
    good = judged.filter(pl.col(REASON).is_null())
    rows = _split(good, header, source.delimiter)
    # Blank lines before the header were dropped by _lines.
    blank_lines = int(is_blank.sum()) + int(lines[LINE_NUMBER][0]) - 1
    return Records(
        rows=rows,
        malformed=judged.filter(pl.col(REASON).is_not_null()),
        blank_lines=blank_lines,
    )


class _Dialect:
    """Regular expressions (Rust syntax, linear time) of a delimiter's CSV dialect."""

    def __init__(self, delimiter: str) -> None:
        escaped = re.escape(delimiter)
        field = rf'(?:"(?:[^"]|"")*"|[^"\n{escaped}]*)'
        self.delimiter = delimiter
        self.quoted_field = r'"(?:[^"]|"")*"'
        self.record = rf"\A{field}(?:{escaped}{field})*\z"


def _lines(text: bytes) -> pl.DataFrame:
    """LINE_NUMBER and RAW_TEXT of each physical line from the header on."""
    lines = pl.read_csv(
        io.BytesIO(text),
        has_header=False,
        # A character that cannot occur (NUL is refused before) makes one column of whole lines,
        # in a sixth of the memory that splitting the text takes.
        separator="\x00",
        quote_char=None,
        schema={RAW_TEXT: pl.String()},
        empty_string_is_null=False,
    ).with_row_index(LINE_NUMBER, offset=1)
    first = (lines[RAW_TEXT].str.strip_chars() != "").arg_max()
    return lines.slice(first or 0).with_columns(pl.col(LINE_NUMBER).cast(pl.Int64))


def _header(line: str, source: Source) -> list[str]:
    try:
        header = next(csv.reader([line], delimiter=source.delimiter, strict=True))
    except csv.Error:
        header = [line]
    expected = source.column_names
    missing = [name for name in expected if name not in header]
    extra = [_short(name) for name in header if name not in expected]
    repeated = sorted({_short(name) for name in header if header.count(name) > 1})
    if not (missing or extra or repeated):
        return header
    found = [
        f"{what}: {', '.join(names[:_SHOWN_COLUMNS])}"
        for what, names in (("missing", missing), ("not expected", extra), ("repeated", repeated))
        if names
    ]
    raise RejectedError(
        ObjectReason.COLUMNS_MISMATCH,
        f"The header does not have the columns of source {source.name} ({'; '.join(found)}). "
        "Correct the export, or change the source's mapping if the source itself has changed.",
        missing=missing,
        extra=extra[:_SHOWN_COLUMNS],
        repeated=repeated[:_SHOWN_COLUMNS],
    )


def _short(name: str) -> str:
    return name if len(name) <= 60 else name[:59] + "…"


def _records(lines: pl.DataFrame, dialect: _Dialect) -> pl.DataFrame:
    """Join the physical lines of records whose quoted fields contain line breaks."""
    quotes = lines[RAW_TEXT].str.count_matches('"', literal=True)
    is_odd = quotes % 2 == 1
    if not is_odd.any():
        return lines
    # A line belongs to the record before it if the quotation marks so far do not pair up. Doubled
    # quotation marks count as two and change nothing.
    is_open_after = is_odd.cast(pl.UInt32).cum_sum() % 2 == 1
    is_continued = is_open_after.shift(1, fill_value=False)
    record = (~is_continued).cast(pl.UInt32).cum_sum()
    lines = lines.with_columns(record.alias("record"), is_multiline=is_continued | is_open_after)
    joined = (
        lines.filter("is_multiline")
        .group_by("record", maintain_order=True)
        .agg(pl.col(LINE_NUMBER).first(), pl.col(RAW_TEXT).str.join("\n"), pl.len().alias("lines"))
        .with_columns(
            is_sound=pl.col(RAW_TEXT).str.contains(dialect.record)
            & (pl.col("lines") <= MAX_LINES_PER_RECORD)
        )
    )
    sound = joined.filter("is_sound")
    # Where joining makes no sound record a quotation mark is stray: then each line stands alone.
    alone = lines.join(sound.select("record"), on="record", how="anti")
    columns = [LINE_NUMBER, RAW_TEXT]
    return pl.concat([alone.select(columns), sound.select(columns)]).sort(LINE_NUMBER)


def _judge(records: pl.DataFrame, dialect: _Dialect, width: int) -> pl.DataFrame:
    """Add REASON: null for a well-formed record with the right number of fields."""
    text = pl.col(RAW_TEXT)
    is_quoted = text.str.contains('"', literal=True)
    plain = records.filter(~is_quoted).with_columns(is_sound=True, bare=text)
    quoted = records.filter(is_quoted).with_columns(
        is_sound=text.str.contains(dialect.record),
        bare=text.str.replace_all(dialect.quoted_field, ""),
    )
    fields = pl.col("bare").str.count_matches(dialect.delimiter, literal=True) + 1
    reason = (
        pl.when(~pl.col("is_sound"))
        .then(pl.lit(RowReason.MALFORMED_QUOTING.value))
        .when(fields != width)
        .then(pl.lit(RowReason.WRONG_FIELD_COUNT.value))
    )
    return (
        pl.concat([plain, quoted])
        .select(LINE_NUMBER, RAW_TEXT, reason.alias(REASON))
        .sort(LINE_NUMBER)
    )


def _split(records: pl.DataFrame, header: list[str], delimiter: str) -> pl.DataFrame:
    """Split well-formed records into the header's columns."""
    schema = dict.fromkeys(header, pl.String())
    keys = records.select(LINE_NUMBER, RAW_TEXT)
    if records.is_empty():
        return keys.hstack(pl.DataFrame(schema=schema))
    text: bytes = records.select(pl.col(RAW_TEXT).str.join("\n").cast(pl.Binary)).item()
    fields = pl.read_csv(io.BytesIO(text), has_header=False, separator=delimiter, schema=schema)
    # hstack raises if the reader saw another number of records than _records did.
    return keys.hstack(fields)
