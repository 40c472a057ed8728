"""From JSON Lines to rows of text: numbers keep the digits that the file has."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

import polars as pl

from raw_to_curated.lines import LineChunk
from raw_to_curated.reasons import RowReason
from raw_to_curated.records import LINE_NUMBER, MALFORMED_SCHEMA, RAW_TEXT, Lines, Records
from raw_to_curated.sources.model import Source

# From here on a float may be another whole number, rounded.
_EXACT_BELOW = 2**53
_BOM = "\ufeff"
_SURROGATE = re.compile("[\ud800-\udfff]")


class JsonLinesParser:
    """Parses chunks of lines, each of which is one flat JSON object."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._columns = source.column_names
        self._known = frozenset(self._columns)
        self._codes = {
            column.name
            for column in source.columns
            if isinstance(source.table[column.target].dtype, pl.String)
        }

    def parse(self, chunk: LineChunk) -> Records:
        """Read each line by itself."""
        lines = Lines(chunk)
        is_blank = lines.frame[RAW_TEXT].str.strip_chars() == ""
        numbers: list[int] = []
        rows: list[list[str | None]] = []
        malformed: list[tuple[int, str, str]] = []
        for number, line in lines.frame.filter(~is_blank).iter_rows():
            row = chunk.faults.get(number) or self._row(line)
            if isinstance(row, RowReason):
                malformed.append((number, line, row.value))
            else:
                numbers.append(number)
                rows.append(row)
        fields = pl.DataFrame(rows, schema=dict.fromkeys(self._columns, pl.String()), orient="row")
        return Records(
            rows=fields.insert_column(0, pl.Series(LINE_NUMBER, numbers, dtype=pl.Int64)),
            malformed=pl.DataFrame(malformed, schema=MALFORMED_SCHEMA, orient="row"),
            blank_lines=int(is_blank.sum()),
            raw_text=lines.of,
        )

    def _row(self, line: str) -> list[str | None] | RowReason:
        if line.lstrip().startswith(_BOM):
            return RowReason.BYTE_ORDER_MARK
        members = parse_object(line)
        if members is None:
            return RowReason.MALFORMED_JSON
        if any(isinstance(value, dict | list) for value in members.values()):
            return RowReason.NESTED_VALUE
        if not members.keys() <= self._known:
            return RowReason.UNKNOWN_MEMBER
        texts = [
            code_of(value) if isinstance(value, Float) and name in self._codes else _text(value)
            for name in self._columns
            for value in [members.get(name)]
        ]
        may_have_bom = _BOM in line or "\\u" in line
        if may_have_bom and any(text and text.lstrip().startswith(_BOM) for text in texts):
            return RowReason.BYTE_ORDER_MARK
        return texts


def parse_object(line: str) -> dict[str, Any] | None:
    """The members of a JSON object, with numbers as their text; None for what is none."""
    try:
        pairs = json.loads(
            line, parse_int=str, parse_float=Float, parse_constant=Float, object_pairs_hook=_Pairs
        )
        if not isinstance(pairs, _Pairs) or len(dict(pairs)) != len(pairs):
            return None
    except (ValueError, RecursionError):
        return None
    # Half a surrogate pair is valid in JSON but not in text.
    if any(_SURROGATE.search(text) for pair in pairs for text in pair if isinstance(text, str)):
        return None
    return {name: dict(value) if isinstance(value, _Pairs) else value for name, value in pairs}


class Float(str):
    """The text of a JSON number with a point or an exponent, or of NaN and Infinity."""

    __slots__ = ()


def code_of(number: Float) -> str | None:
    """The code that a writer made a float, as pandas does with codes that have a gap: 852.0 is 852,
    NaN is a gap. What may have been rounded, or is no code at all, stays as it is."""
    if number == "NaN":
        return None
    try:
        value = Decimal(number)
        is_exact = value.copy_abs() < _EXACT_BELOW and value == value.to_integral_value()
    except InvalidOperation:
        return number
    return f"{value:.0f}" if is_exact and value.is_finite() else number


class _Pairs(list[tuple[str, Any]]):
    """The members of an object in their order, repeated ones too."""


def _text(value: str | bool | None) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value or None
