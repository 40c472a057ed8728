"""Which physical lines of CSV text are one record, because a quoted field contains line breaks.

Every line is judged by itself, in one pass over all of them, and no two are joined to find out: the
cost is linear in the text whatever stands in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from raw_to_curated.lines import MAX_LINE_BYTES

# A record over more lines than this is taken for a quotation mark that was never closed, so that it
# cannot swallow good rows.
MAX_LINES_PER_RECORD = 64

_LINE_END = ord("\n")


class Dialect:
    """Regular expressions (Rust syntax, linear time) of a delimiter's CSV dialect, RFC 4180.

    record: a whole record. opens, goes_on, closes: the first, an inner and the last line of one
    over several lines, each with the line end inside of a quoted field.
    """

    def __init__(self, delimiter: str) -> None:
        end = re.escape(delimiter)
        inside = r'(?:[^"]|"")*'
        field = rf'(?:"{inside}"|[^"\n{end}]*)'
        self.delimiter = delimiter
        self.quoted_field = rf'"{inside}"'
        self.record = rf"\A{field}(?:{end}{field})*\z"
        self.opens = rf'\A(?:{field}{end})*"{inside}\z'
        self.goes_on = rf'\A{inside}(?:"(?:{end}{field})*{end}"{inside})*\z'
        self.closes = rf'\A{inside}"(?:{end}{field})*\z'

    def is_row(self, text: pl.Expr, width: int) -> pl.Expr:
        """Whether a line is a sound record of `width` fields."""
        bare = text.str.replace_all(self.quoted_field, "")
        return text.str.contains(self.record) & (self.delimiters(bare) == width - 1)

    def delimiters(self, text: pl.Expr) -> pl.Expr:
        """How many delimiters there are."""
        return text.str.count_matches(self.delimiter, literal=True)


@dataclass(frozen=True)
class Spans:
    """First and last line of each record over several lines, as indexes, and where the first
    undecided record begins that may go on in the text to come."""

    begins: NDArray[np.int64]
    ends: NDArray[np.int64]
    undecided: int | None

    def covered(self, height: int) -> NDArray[np.bool_]:
        """Which of `height` lines belong to a record over several lines."""
        steps = np.zeros(height + 1, np.int64)
        steps[self.begins] += 1
        steps[self.ends + 1] -= 1
        return np.cumsum(steps[:-1]) > 0


NO_SPANS = Spans(np.empty(0, np.int64), np.empty(0, np.int64), None)


def line_bounds(text: bytes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Offsets of the begin and the end, before the line end, of each line."""
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == _LINE_END)
    if not text.endswith(b"\n") and text:
        ends = np.append(ends, len(text))
    return np.concatenate([[0], ends[:-1] + 1])[: ends.size], ends


def spans(text: bytes, lines: pl.Series, faulty: NDArray[np.int64], dialect: Dialect) -> Spans:
    """Find the records over several lines of a text that is cut into `lines`.

    Such a record begins and ends with a line that has an odd number of quotation marks. Where the
    lines between the next two of those make no sound record of at most MAX_LINE_BYTES, the first
    mark is stray and its line stands alone. Lines `faulty` (indexes) are part of no record.
    """
    marks = lines.str.count_matches('"', literal=True).to_numpy()
    is_odd = marks % 2 == 1
    is_odd[faulty] = False
    odd = np.flatnonzero(is_odd)
    if not odd.size:
        return NO_SPANS
    begins, ends = line_bounds(text)
    marked = lines.gather(odd)
    opens = marked.str.contains(dialect.opens).to_numpy()
    closes = marked.str.contains(dialect.closes).to_numpy()
    is_break = np.zeros(lines.len(), np.bool_)
    even = np.flatnonzero(~is_odd & (marks > 0))
    is_break[even] = ~lines.gather(even).str.contains(dialect.goes_on).to_numpy()
    is_break[faulty] = True
    breaks = np.concatenate([[0], np.cumsum(is_break)])

    first, last = odd[:-1], odd[1:]
    is_record = (
        opens[:-1]
        & closes[1:]
        & (last - first < MAX_LINES_PER_RECORD)
        & (ends[last] - begins[first] <= MAX_LINE_BYTES)
        & (breaks[last] == breaks[first + 1])
    )
    # The end of a record begins none: of pairs in a row, every second one is a record.
    pair = np.arange(is_record.size)
    run_begin = np.maximum.accumulate(np.where(is_record, -1, pair)) + 1
    is_record &= (pair - run_begin) % 2 == 0
    found_first, found_last = first[is_record], last[is_record]

    is_open = (
        bool(opens[-1])
        and not (is_record.size and is_record[-1])
        and lines.len() - int(odd[-1]) < MAX_LINES_PER_RECORD
        and len(text) - int(begins[odd[-1]]) <= MAX_LINE_BYTES
        and breaks[-1] == breaks[odd[-1] + 1]
    )
    return Spans(found_first, found_last, int(odd[-1]) if is_open else None)


def swallows(lines: pl.Series, found: Spans, dialect: Dialect, width: int) -> NDArray[np.bool_]:
    """Which records contain lines that look like records of `width` fields themselves.

    Two stray quotation marks turn all lines between them into one legal record.

    It shows in an inner line that is a sound record, or in a first and a last line that both have
    all fields if quotation marks are taken for text.
    """
    if width < 2 or not found.begins.size:
        return np.zeros(found.begins.size, np.bool_)
    text = pl.col("line")
    frame = pl.DataFrame({"line": lines})
    is_row = np.zeros(lines.len(), np.int64)
    inside = np.flatnonzero(found.covered(lines.len()))
    is_row[inside] = frame[inside].select(dialect.is_row(text, width)).to_series().to_numpy()
    rows = np.concatenate([[0], np.cumsum(is_row)])
    has_row = rows[found.ends] > rows[found.begins + 1]
    delimiters = frame[inside].select(dialect.delimiters(text)).to_series().to_numpy()
    plain_width = np.zeros(lines.len(), np.int64)
    plain_width[inside] = delimiters + 1
    is_full = plain_width == width
    swallowing: NDArray[np.bool_] = has_row | (is_full[found.begins] & is_full[found.ends])
    return swallowing
