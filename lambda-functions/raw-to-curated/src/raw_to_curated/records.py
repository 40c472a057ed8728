"""From CSV text to rows: vectorised, and without losing a line that other readers would drop.

The dialect is RFC 4180. Usual readers fill short rows with nulls, cut long ones, or let one stray
quotation mark swallow the rest of the file; here every record that is not exactly well formed is
kept apart with its text, its line number and the reason.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import polars as pl

from raw_to_curated.lines import LONG_LINE, LineChunk, check_utf8
from raw_to_curated.reasons import RowReason
from raw_to_curated.sources.model import Source

LINE_NUMBER = "__line_number"
RAW_TEXT = "__raw_text"
REASON = "__reason"

# A quoted field may contain line breaks. One over more lines than this is taken for a quotation
# mark that was never closed, so that it cannot swallow good rows.
MAX_LINES_PER_RECORD = 64


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


class CsvParser:
    """Parses the chunks of one file, whose header is known."""

    def __init__(self, source: Source, header: list[str]) -> None:
        self._header = header
        self._source = source
        self._dialect = _Dialect(source.delimiter)

    def parse(self, chunk: LineChunk) -> Records:
        """Split a chunk into records. Raises UndecodableError."""
        try:
            return self._quickly(chunk) or self._carefully(chunk)
        except pl.exceptions.ComputeError:
            check_utf8(chunk)
            raise

    def _quickly(self, chunk: LineChunk) -> Records | None:
        """The records of a chunk in which each line is a well-formed one; None for others.

        The reader refuses lines with too many fields and fills those with too few, so that lines
        are whole if as many rows come out as lines went in and none lacks the last field.
        """
        if self._source.is_aligned or len(self._header) == 1 or chunk.may_have_long_lines:
            return None
        lines = _Lines(chunk)
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
        lines = _Lines(chunk).frame
        text = pl.col(RAW_TEXT)
        is_long = text.str.starts_with(LONG_LINE)
        long = lines.filter(is_long).select(
            LINE_NUMBER,
            text.str.strip_prefix(LONG_LINE),
            pl.lit(RowReason.RECORD_TOO_LONG.value).alias(REASON),
        )
        records = _joined(lines, self._dialect).filter(~is_long)
        is_blank = records[RAW_TEXT].str.strip_chars() == ""
        written = records.filter(~is_blank)
        judged = _judge(self._aligned(written), self._dialect, len(self._header))
        good = judged.filter(pl.col(REASON).is_null())
        fields = self._fields(good)
        return Records(
            rows=good.select(LINE_NUMBER).hstack(fields),
            malformed=pl.concat([judged.filter(pl.col(REASON).is_not_null()), long]),
            blank_lines=int(is_blank.sum()),
            raw_text=lambda numbers: written.filter(pl.col(LINE_NUMBER).is_in(numbers.implode())),
        )

    def _aligned(self, records: pl.DataFrame) -> pl.DataFrame:
        if not self._source.is_aligned:
            return records
        return records.with_columns(aligned(self._source, pl.col(RAW_TEXT)))

    def _fields(self, records: pl.DataFrame) -> pl.DataFrame:
        if records.is_empty():
            return pl.DataFrame(schema=dict.fromkeys(self._header, pl.String()))
        # hstack raises if the reader saw another number of records than _joined did.
        return self._split(records.select(pl.col(RAW_TEXT).str.join("\n").cast(pl.Binary)).item())

    def _split(self, text: bytes) -> pl.DataFrame:
        return pl.read_csv(
            text,
            has_header=False,
            separator=self._source.delimiter,
            schema=dict.fromkeys(self._header, pl.String()),
        )


def parse_header(line: str, source: Source) -> list[str]:
    """The fields of the first line of a file."""
    try:
        return next(csv.reader([line], delimiter=source.delimiter, strict=True))
    except csv.Error:
        return [line]


def aligned(source: Source, text: pl.Expr) -> pl.Expr:
    """Text in which runs of delimiters are columns of blanks, with one delimiter each."""
    runs = f"{re.escape(source.delimiter)}+"
    return text.str.strip_chars(source.delimiter).str.replace_all(runs, source.delimiter)


def open_record(delimiter: str) -> Callable[[bytes], int]:
    """Finds where the last record of a text begins if a quoted field in it may still be open."""
    dialect = _Dialect(delimiter)

    def find(text: bytes) -> int:
        if not _may_be_open(text):
            return len(text)
        chunk = LineChunk(text, 0)
        try:
            _, undecided = _multiline(_Lines(chunk).frame[RAW_TEXT], dialect)
        except pl.exceptions.ComputeError:
            check_utf8(chunk)
            raise
        if undecided is None:
            return len(text)
        position = 0
        for _ in range(undecided):
            position = text.index(b"\n", position) + 1
        return position

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


class _Dialect:
    """Regular expressions (Rust syntax, linear time) of a delimiter's CSV dialect."""

    def __init__(self, delimiter: str) -> None:
        escaped = re.escape(delimiter)
        field = rf'(?:"(?:[^"]|"")*"|[^"\n{escaped}]*)'
        self.delimiter = delimiter
        self.quoted_field = r'"(?:[^"]|"")*"'
        self.record = rf"\A{field}(?:{escaped}{field})*\z"


class _Lines:
    """The physical lines of a chunk, cut when they are needed."""

    def __init__(self, chunk: LineChunk) -> None:
        self._chunk = chunk

    @cached_property
    def frame(self) -> pl.DataFrame:
        """LINE_NUMBER and RAW_TEXT."""
        lines = pl.read_csv(
            self._chunk.text,
            has_header=False,
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


def _joined(lines: pl.DataFrame, dialect: _Dialect) -> pl.DataFrame:
    """Join the physical lines of records whose quoted fields contain line breaks."""
    records, _ = _multiline(lines[RAW_TEXT], dialect)
    if not records:
        return lines
    begins = [begin for begin, _ in records]
    inside = [line for begin, end in records for line in range(begin, end + 1)]
    joined = pl.DataFrame(
        {
            LINE_NUMBER: lines[LINE_NUMBER][begins],
            RAW_TEXT: [_join(lines[RAW_TEXT], begin, end) for begin, end in records],
        }
    )
    alone = lines.filter(~pl.int_range(pl.len()).is_in(pl.Series(inside).implode()))
    return pl.concat([alone, joined]).sort(LINE_NUMBER)


def _multiline(lines: pl.Series, dialect: _Dialect) -> tuple[list[tuple[int, int]], int | None]:
    """First and last line of each record over several lines, and where an undecided one begins.

    Such a record begins and ends with a line that has an odd number of quotation marks. Where
    joining the lines between the next two of those makes no sound record, the first mark is stray
    and its line stands alone. Doubled quotation marks count as two and change nothing.
    """
    is_odd = lines.str.count_matches('"', literal=True) % 2 == 1
    if not is_odd.any():
        return [], None
    odd = (is_odd & ~lines.str.starts_with(LONG_LINE)).arg_true().to_list()
    near = [(a, b) for a, b in pairwise(odd) if b - a < MAX_LINES_PER_RECORD]
    texts = pl.Series([_join(lines, a, b) for a, b in near], dtype=pl.String)
    is_sound = texts.str.contains(dialect.record) & ~texts.str.contains(LONG_LINE, literal=True)
    ends = {a: b for (a, b), sound in zip(near, is_sound, strict=True) if sound}
    records: list[tuple[int, int]] = []
    undecided: int | None = None
    done = -1
    for begin in odd:
        if begin <= done:
            continue
        if begin in ends:
            done = ends[begin]
            records.append((begin, done))
        elif begin == odd[-1] and lines.len() - begin < MAX_LINES_PER_RECORD:
            undecided = begin
    return records, undecided


def _join(lines: pl.Series, begin: int, end: int) -> str:
    return "\n".join(lines.slice(begin, end - begin + 1).to_list())


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
