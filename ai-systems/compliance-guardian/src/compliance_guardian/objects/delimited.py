"""Findings in CSV and its kin, field by field: the name of a column says what its values are."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Self

import polars as pl

from compliance_guardian.objects.prefilter import is_telling, suspect_rows
from compliance_guardian.objects.results import Located, Progress
from compliance_guardian.objects.text import decoded
from compliance_guardian.pci.scan import scan
from datalake.storage import Readable

_BLOCK = 2 * 1024**2
_THREADS = 2
_MOST = 16 * 1024**2
"""Longest row: a quotation mark that nobody closes must not fill the memory."""
# Such values are findings only where the name of their column says so.
_NUMBER = re.compile(r"-?[0-9]{1,9}(?:\.[0-9]{1,7})?|[0-9]{10,11}")
_DELIMITERS = ",;\t|"


def delimiter_of(start: bytes) -> str | None:
    """The delimiter of a table that begins so: it divides the first lines alike. None: text."""
    lines = decoded(start)[0].split("\n")[:3]
    lines = [line for line in (lines[:-1] if len(lines) > 1 else lines) if line.strip()]
    counts = {
        delimiter: [len(_unquoted(line).split(delimiter)) for line in lines]
        for delimiter in _DELIMITERS
    }
    likely = [d for d, sizes in counts.items() if sizes and min(sizes) > 1 and len(set(sizes)) == 1]
    return max(likely, key=lambda delimiter: counts[delimiter][0]) if likely else None


def _unquoted(line: str) -> str:
    return re.sub(r'"[^"]*"', "", line)


def find(stream: Readable, delimiter: str, progress: Progress) -> Iterator[Located]:
    """The findings of a table with a header, or of one without whose columns then have no name."""
    table = _Table(delimiter)
    filtered: deque[Future[_Rows]] = deque()
    for content in _whole_rows(stream, progress):
        filtered.append(_threads().submit(_Rows.of, content, delimiter))
        if len(filtered) > _THREADS:
            yield from table.find(filtered.popleft().result())
    for rows in filtered:
        yield from table.find(rows.result())
    progress.rows = table.rows


@cache
def _threads() -> ThreadPoolExecutor:
    """Kept between objects, as each thread prepares the patterns for itself."""
    return ThreadPoolExecutor(_THREADS)


def _whole_rows(stream: Readable, progress: Progress) -> Iterator[bytes]:
    """The content in parts that end with a row."""
    carried = b""
    while True:
        block = stream.read(_BLOCK)
        progress.size += len(block)
        content = carried + block
        end = len(content)
        if block:
            end = content.rfind(b"\n") + 1
            if content.count(b'"', 0, end) % 2:
                end = _last_even(content, end)
            if not end and len(content) < _MOST:
                carried = content
                continue
            end = end or len(content)
        carried = content[end:]
        if end:
            yield content[:end]
        if not block:
            return


def _last_even(content: bytes, end: int) -> int:
    """The end of the last line before which all quotation marks are closed; 0 without one."""
    marks = content.count(b'"', 0, end)
    while marks % 2 and end:
        mark = content.rfind(b'"', 0, end)
        end = content.rfind(b"\n", 0, mark) + 1
        marks = content.count(b'"', 0, end)
    return end


@dataclass(frozen=True)
class _Rows:
    """Whole rows, and the numbers of those that may hold a finding. A row has `lines` lines."""

    size: int
    encoding: str
    records: pl.Series
    lines: pl.Series | None
    suspicious: list[int]

    @classmethod
    def of(cls, content: bytes, delimiter: str) -> Self:
        """The rows of a content, whose quotation marks are all closed."""
        text, encoding = decoded(content)
        records = pl.Series([text.removesuffix("\n")]).str.split("\n").explode()
        lines = None
        if '"' in text:
            marks = records.str.count_matches('"', literal=True)
            begins = (marks.cum_sum() - marks) % 2 == 0
            if not begins.all():
                frame = pl.DataFrame({"record": records, "row": begins.cum_sum()})
                rows = frame.group_by("row", maintain_order=True).agg(
                    pl.col("record").str.join("\n"), lines=pl.len()
                )
                records, lines = rows["record"], rows["lines"]
        return cls(len(content), encoding, records, lines, suspect_rows(records, delimiter))

    @cached_property
    def bytes_before(self) -> pl.Series:
        """The bytes before each row."""
        texts = self.records.str
        sizes = (texts.len_bytes() if self.encoding == "utf-8" else texts.len_chars()) + 1
        return sizes.cum_sum() - sizes

    @cached_property
    def lines_before(self) -> pl.Series:
        """The lines before each row."""
        if self.lines is None:
            return pl.Series(range(len(self.records)))
        return self.lines.cum_sum() - self.lines

    @property
    def line_count(self) -> int:
        """The lines of all rows."""
        return len(self.records) if self.lines is None else int(self.lines.sum())


class _Table:
    def __init__(self, delimiter: str) -> None:
        # Each column's name, and whether it is telling; None before the header.
        self._columns: list[tuple[str, bool]] | None = None
        self._value = re.compile(
            rf'"(?P<quoted>(?:[^"]|"")*)"[^{re.escape(delimiter)}\r\n]*'
            rf"|(?P<bare>[^{re.escape(delimiter)}\r\n]*)"
        )
        self._delimiter = delimiter
        self._byte = 0
        self._line = 1
        self.rows = 0

    def find(self, rows: _Rows) -> Iterator[Located]:
        """The findings of the next rows."""
        first = 0
        if self._columns is None:
            header = rows.records[0]
            names = self._header(header)
            if names:
                # The names of columns may hold numbers too.
                yield from self._in_row(header, rows.encoding, self._byte, self._line, None)
                first = 1
            self._columns = [(name, is_telling(name)) for name in names]
        suspicious = set(rows.suspicious)
        has_telling = any(tells for _, tells in self._columns)
        row_base = self.rows + 1 - first
        for number in range(len(rows.records)) if has_telling else rows.suspicious:
            if number >= first:
                yield from self._in_row(
                    rows.records[number],
                    rows.encoding,
                    self._byte + rows.bytes_before[number],
                    self._line + rows.lines_before[number],
                    row_base + number,
                    only_telling=number not in suspicious,
                )
        self.rows += len(rows.records) - first
        self._byte += rows.size
        self._line += rows.line_count

    def _header(self, record: str) -> list[str]:
        """The names of the columns; none if the first row has data in it, as it has a number."""
        names = [value.strip("\ufeff \t") for _, value in self._values(record)]
        has_data = any(re.fullmatch(r"[\W\d]*\d[\W\d]*", name) for name in names)
        return [] if has_data else names

    def _values(self, record: str) -> Iterator[tuple[int, str]]:
        position = 0
        while True:
            match = self._value.match(record, position)
            if match is None:
                return
            name = "quoted" if match["quoted"] is not None else "bare"
            yield match.start(name), match[name]
            position = match.end() + 1
            if match.end() >= len(record) or record[match.end()] != self._delimiter:
                return

    def _in_row(
        self,
        record: str,
        encoding: str,
        byte: int,
        line: int,
        row: int | None,
        *,
        only_telling: bool = False,
    ) -> Iterator[Located]:
        columns = self._columns or []
        for index, (start, value) in enumerate(self._values(record)):
            name, tells = columns[index] if index < len(columns) else ("", False)
            if len(value) < 3 or (not tells and (only_telling or _NUMBER.fullmatch(value))):
                continue
            prefix = f"{name}: " if name else ""
            for finding in scan(prefix + value):
                if finding.start < len(prefix):
                    continue
                begin = start + finding.start - len(prefix)
                before = record[:begin]
                found = record[begin : begin + finding.end - finding.start]
                yield Located(
                    finding,
                    field=name or f"column {index + 1}",
                    byte=byte + len(before.encode(encoding)),
                    size=len(found.encode(encoding)),
                    line=line + before.count("\n"),
                    column=begin - before.rfind("\n"),
                    row=row,
                )
