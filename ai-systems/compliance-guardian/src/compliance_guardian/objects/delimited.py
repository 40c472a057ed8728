"""Findings in CSV and its kin, field by field: the name of a column says what its values are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

import polars as pl

from compliance_guardian.objects.prefilter import is_telling, suspects
from compliance_guardian.objects.results import Located, Progress
from compliance_guardian.objects.text import decoded
from compliance_guardian.pci.scan import scan
from datalake.storage import Readable

_BLOCK = 2 * 1024**2
_MOST = 16 * 1024**2
"""Longest row: a quotation mark that nobody closes must not fill the memory."""
# Such values are findings only where the name of their column says so.
_NUMBER = re.compile(r"-?[0-9]{1,11}(?:\.[0-9]{1,6})?")
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
            yield from table.find(content[:end])
        if not block:
            progress.rows = table.rows
            return


def _last_even(content: bytes, end: int) -> int:
    """The end of the last line before which all quotation marks are closed; 0 without one."""
    marks = content.count(b'"', 0, end)
    while marks % 2 and end:
        mark = content.rfind(b'"', 0, end)
        end = content.rfind(b"\n", 0, mark) + 1
        marks = content.count(b'"', 0, end)
    return end


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

    def find(self, content: bytes) -> Iterator[Located]:
        """The findings of whole rows."""
        text, encoding = decoded(content)
        lines = text.split("\n")
        if not lines[-1]:
            lines.pop()
        begins = self._row_begins(lines) if '"' in text else range(len(lines))
        first = 0
        if self._columns is None:
            end = begins[1] if len(begins) > 1 else len(lines)
            header = "\n".join(lines[:end])
            names = self._header(header)
            if names:
                # The names of columns may hold numbers too.
                yield from self._in_row(header, encoding, self._byte, self._line, None)
                first = 1
            self._columns = [(name, is_telling(name)) for name in names]
        if any(tells for _, tells in self._columns):
            chosen: list[int] = list(range(first, len(begins)))
        else:
            chosen = self._suspect_rows(lines, begins, first)
        row_base = self.rows + 1 - first
        byte, at = self._byte, 0
        for number in chosen:
            begin = begins[number]
            end = begins[number + 1] if number + 1 < len(begins) else len(lines)
            byte += sum(len(line.encode(encoding)) + 1 for line in lines[at:begin])
            at = begin
            record = "\n".join(lines[begin:end])
            yield from self._in_row(record, encoding, byte, self._line + begin, row_base + number)
        self.rows += len(begins) - first
        self._byte += len(content)
        self._line += len(lines)

    def _row_begins(self, lines: list[str]) -> list[int]:
        begins, is_open = [], False
        for number, line in enumerate(lines):
            if not is_open:
                begins.append(number)
            is_open ^= line.count('"') % 2 == 1
        return begins

    def _suspect_rows(self, lines: list[str], begins: list[int] | range, first: int) -> list[int]:
        suspicious = suspects(pl.Series(lines, dtype=pl.String)).to_list()
        if isinstance(begins, range):
            return [number for number in suspicious if number >= first]
        ends = chain(begins[1:], [len(lines)])
        wanted = set(suspicious)
        return [
            number
            for number, (begin, end) in enumerate(zip(begins, ends, strict=True))
            if number >= first and any(line in wanted for line in range(begin, end))
        ]

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
        self, record: str, encoding: str, byte: int, line: int, row: int | None
    ) -> Iterator[Located]:
        columns = self._columns or []
        for index, (start, value) in enumerate(self._values(record)):
            name, tells = columns[index] if index < len(columns) else ("", False)
            if len(value) < 3 or (_NUMBER.fullmatch(value) and not tells):
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
