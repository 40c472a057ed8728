"""From CSV text to rows: vectorised, and without losing a line that other readers would drop.

The dialect is RFC 4180. Usual readers fill short rows with nulls, cut long ones, or let one stray
quotation mark swallow the rest of the file; here every record that is not exactly well formed is
kept apart with its text, its line number and the reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from raw_to_curated.lines import LineChunk, OpenRecord
from raw_to_curated.multiline import (
    MAX_LINES_PER_RECORD,
    Dialect,
    line_bounds,
    spans,
    swallows,
)
from raw_to_curated.reasons import RowReason
from raw_to_curated.sources.model import Source

LINE_NUMBER = "__line_number"
RAW_TEXT = "__raw_text"
REASON = "__reason"

_TEXT = "__text"
_BOM_AT_START = r"\A\s*\x{FEFF}"


@dataclass(frozen=True)
class Records:
    """Some records of an object.

    rows: LINE_NUMBER (Int64) and the source's columns as String, null where empty; times of files
    of types are Date or Datetime (μs, naive for local time, or in UTC). malformed: LINE_NUMBER,
    RAW_TEXT, REASON. raw_text: from line numbers of rows to LINE_NUMBER, RAW_TEXT.
    """

    rows: pl.DataFrame
    malformed: pl.DataFrame
    blank_lines: int
    raw_text: Callable[[pl.Series], pl.DataFrame]


MALFORMED_SCHEMA = {LINE_NUMBER: pl.Int64(), RAW_TEXT: pl.String(), REASON: pl.String()}
_MALFORMED = list(MALFORMED_SCHEMA)


class CsvParser:
    """Parses the chunks of one file, whose header is known."""

    def __init__(self, source: Source, header: list[str]) -> None:
        self._header = header
        self._source = source
        self._dialect = Dialect(source.delimiter)

    def parse(self, chunk: LineChunk) -> Records:
        """Split a chunk into records."""
        return self._quickly(chunk) or self._carefully(chunk)

    def _quickly(self, chunk: LineChunk) -> Records | None:
        """The records of a chunk in which each line is a well-formed one; None for others.

        The reader refuses lines with too many fields and fills those with too few, so that lines
        are whole if as many rows come out as lines went in and none lacks the last field.
        """
        is_odd = bool(chunk.faults) or chunk.has_bom
        if self._source.is_aligned or len(self._header) == 1 or is_odd:
            return None
        lines = Lines(chunk)
        if b'"' in chunk.text:
            text = lines.frame[RAW_TEXT]
            quoted = text.filter(text.str.contains('"', literal=True))
            if not quoted.str.contains(self._dialect.record).all():
                return None
        try:
            fields = self._split(chunk.text)
        except (pl.exceptions.ComputeError, pl.exceptions.SchemaError):
            return None
        ends = chunk.line_ends + (not chunk.text.endswith(b"\n"))
        if fields.height != ends or fields[self._header[-1]].null_count():
            return None
        first = chunk.first_line
        numbers = pl.int_range(first, first + fields.height, dtype=pl.Int64, eager=True)
        return Records(
            rows=fields.insert_column(0, numbers.alias(LINE_NUMBER)),
            malformed=pl.DataFrame(schema=MALFORMED_SCHEMA),
            blank_lines=0,
            raw_text=lines.of,
        )

    def _carefully(self, chunk: LineChunk) -> Records:
        records = self._joined(chunk)
        is_blank = records[REASON].is_null() & (records[RAW_TEXT].str.strip_chars() == "")
        judged = self._judged(records.filter(~is_blank))
        good = judged.filter(pl.col(REASON).is_null())
        fields = self._fields(good)
        if chunk.has_bom:
            begins_with_bom = fields.select(
                pl.any_horizontal(pl.all().str.contains(_BOM_AT_START).fill_null(value=False))
            ).to_series()
            marked = good.filter(begins_with_bom)[LINE_NUMBER]
            is_marked = pl.col(LINE_NUMBER).is_in(marked.implode())
            bom = pl.lit(RowReason.BYTE_ORDER_MARK.value)
            judged = judged.with_columns(
                pl.when(is_marked).then(bom).otherwise(REASON).alias(REASON)
            )
            good, fields = good.filter(~begins_with_bom), fields.filter(~begins_with_bom)
        return Records(
            rows=good.select(LINE_NUMBER).hstack(fields),
            malformed=judged.filter(pl.col(REASON).is_not_null()).select(_MALFORMED),
            blank_lines=int(is_blank.sum()),
            raw_text=lambda numbers: good.filter(
                pl.col(LINE_NUMBER).is_in(numbers.implode())
            ).select(LINE_NUMBER, RAW_TEXT),
        )

    def _joined(self, chunk: LineChunk) -> pl.DataFrame:
        """LINE_NUMBER and RAW_TEXT of each record over any number of lines, and its REASON if the
        lines alone tell it."""
        lines = Lines(chunk).frame
        faults = {LINE_NUMBER: list(chunk.faults), REASON: list(chunk.faults.values())}
        schema = {LINE_NUMBER: pl.Int64(), REASON: pl.String()}
        lines = lines.join(
            pl.DataFrame(faults, schema=schema), on=LINE_NUMBER, how="left", maintain_order="left"
        )
        text = lines[RAW_TEXT]
        faulty = lines[REASON].is_not_null().arg_true().to_numpy().astype(np.int64)
        found = spans(chunk.text, text, faulty, self._dialect)
        if not found.begins.size:
            return lines
        begins, ends = line_bounds(chunk.text)
        bounds = zip(begins[found.begins].tolist(), ends[found.ends].tolist(), strict=True)
        judged = lines.select(self._judged_text()).to_series()
        swallowing = swallows(judged, found, self._dialect, len(self._header))
        joined = pl.DataFrame(
            {
                LINE_NUMBER: lines[LINE_NUMBER].gather(found.begins),
                # A line end may still have a carriage return.
                RAW_TEXT: [chunk.text[a:b].decode().removesuffix("\r") for a, b in bounds],
                REASON: [RowReason.SWALLOWED_RECORDS.value if s else None for s in swallowing],
            },
            schema=MALFORMED_SCHEMA,
        )
        alone = lines.filter(~pl.Series(found.covered(lines.height)))
        return pl.concat([alone.select(_MALFORMED), joined]).sort(LINE_NUMBER)

    def _judged_text(self) -> pl.Expr:
        text = pl.col(RAW_TEXT)
        return (aligned(self._source, text) if self._source.is_aligned else text).alias(_TEXT)

    def _judged(self, records: pl.DataFrame) -> pl.DataFrame:
        """Add _TEXT, which holds the fields, and REASON where it is none yet: null for a
        well-formed record with the right number of fields."""
        text = pl.col(_TEXT)
        records = records.with_columns(self._judged_text())
        is_quoted = text.str.contains('"', literal=True)
        plain = records.filter(~is_quoted).with_columns(is_sound=True, bare=text)
        quoted = records.filter(is_quoted).with_columns(
            is_sound=text.str.contains(self._dialect.record),
            bare=text.str.replace_all(self._dialect.quoted_field, ""),
        )
        bare = pl.col("bare")
        has_width = self._dialect.delimiters(bare) == len(self._header) - 1
        reason = (
            pl.when(pl.col(REASON).is_not_null())
            .then(REASON)
            .when(text.str.contains(_BOM_AT_START))
            .then(pl.lit(RowReason.BYTE_ORDER_MARK.value))
            .when(~pl.col("is_sound"))
            .then(pl.lit(RowReason.MALFORMED_QUOTING.value))
            .when(~has_width & bare.str.contains("\r", literal=True))
            .then(pl.lit(RowReason.BARE_CARRIAGE_RETURN.value))
            .when(~has_width)
            .then(pl.lit(RowReason.WRONG_FIELD_COUNT.value))
        )
        return (
            pl.concat([plain, quoted])
            .select(LINE_NUMBER, RAW_TEXT, _TEXT, reason.alias(REASON))
            .sort(LINE_NUMBER)
        )

    def _fields(self, records: pl.DataFrame) -> pl.DataFrame:
        if records.is_empty():
            return pl.DataFrame(schema=dict.fromkeys(self._header, pl.String()))
        # hstack raises if the reader saw another number of records than _joined did.
        return self._split(records.select(pl.col(_TEXT).str.join("\n").cast(pl.Binary)).item())

    def _split(self, text: bytes) -> pl.DataFrame:
        names = [str(position) for position in range(len(self._header))]
        header = self._source.delimiter.join(names).encode() + b"\n"
        # The reader takes text for compressed, or for marked as UTF-8, by its first bytes: they are
        # never those of a file. At its end it passes over an empty field without a line end.
        line_end = b"" if text.endswith(b"\n") else b"\n"
        fields = pl.read_csv(
            b"".join([header, text, line_end]),
            separator=self._source.delimiter,
            schema=dict.fromkeys(names, pl.String()),
        )
        fields.columns = self._header
        return fields


class Lines:
    """The physical lines of a chunk, cut when they are needed."""

    def __init__(self, chunk: LineChunk) -> None:
        self._chunk = chunk

    @cached_property
    def frame(self) -> pl.DataFrame:
        """LINE_NUMBER and RAW_TEXT."""
        lines = pl.read_csv(
            # A header of our own, as in CsvParser.
            RAW_TEXT.encode() + b"\n" + self._chunk.text,
            # A character that cannot occur (NUL is refused before) makes one column of whole
            # lines, in a sixth of the memory that splitting the text takes.
            separator="\x00",
            quote_char=None,
            schema={RAW_TEXT: pl.String()},
            empty_string_is_null=False,
        )
        first = self._chunk.first_line
        numbers = pl.int_range(first, first + lines.height, dtype=pl.Int64, eager=True)
        return lines.insert_column(0, numbers.alias(LINE_NUMBER))

    def of(self, numbers: pl.Series) -> pl.DataFrame:
        """The lines of the given numbers."""
        return self.frame[numbers - self._chunk.first_line]


def aligned(source: Source, text: pl.Expr) -> pl.Expr:
    """Text in which runs of delimiters are columns of blanks, with one delimiter each."""
    runs = f"{re.escape(source.delimiter)}+"
    return text.str.strip_chars(source.delimiter).str.replace_all(runs, source.delimiter)


def open_record(delimiter: str) -> OpenRecord:
    """Finds where the last record of a text begins if a quoted field in it may still be open."""
    dialect = Dialect(delimiter)

    def find(chunk: LineChunk) -> int:
        text = chunk.text
        if not _may_be_open(text):
            return len(text)
        lines = Lines(chunk).frame[RAW_TEXT]
        faulty = np.array([number - chunk.first_line for number in chunk.faults], np.int64)
        undecided = spans(text, lines, faulty, dialect).undecided
        return len(text) if undecided is None else int(line_bounds(text)[0][undecided])

    return find


def _may_be_open(text: bytes) -> bool:
    """Whether one of the last lines has an odd number of quotation marks."""
    end = len(text)
    for _ in range(MAX_LINES_PER_RECORD):
        begin = text.rfind(b"\n", 0, max(end - 1, 0)) + 1
        if text.count(b'"', begin, end) % 2:
            return True
        if begin == 0:
            return False
        end = begin
    return False
