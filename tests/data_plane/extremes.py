"""Rows of curated tables at the extremes of what their contracts admit, from the contracts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import strategies as st

from datalake.contracts import Column, Table

_STEP = {pl.Int64: 1, pl.Decimal: Decimal("0.0001")}
_TEXTS = ("", " ", "A", "a", "\x00", "\n", '"', "é", "\U0001f600", "x" * 300)
_PATTERNS = {"[A-Z]{3}": ("AAA", "ZZZ"), "[a-z_]*(?:,[a-z_]+)*": ("", "description")}
_FLOATS = (5e-324, -5e-324, 1e-300, -0.0, 0.0, 1.0)
_LEAP_DAYS = (date(2000, 2, 29), date(2096, 2, 29), date(1999, 12, 31))


def values(column: Column) -> st.SearchStrategy[Any]:
    """The least, the greatest and other odd values that a column may hold."""
    candidates = pl.Series(column.name, _candidates(column), column.dtype).to_frame()
    broken = pl.any_horizontal(pl.lit(value=False), *column.violations().values())
    admitted = candidates.filter(~broken.fill_null(value=False))[column.name].to_list()
    return st.sampled_from([None, *admitted] if column.nullable else admitted)


def _candidates(column: Column) -> list[Any]:
    kind = column.dtype.base_type()
    if kind is pl.Boolean:
        return [True, False]
    if kind is pl.String:
        return list(column.allowed or _PATTERNS.get(column.pattern or "", _TEXTS))
    low, high = column.minimum, column.maximum
    if column.above is not None:
        low = column.above + _STEP[kind]  # type: ignore[operator]
    if kind is pl.Date:
        return [low, high, *_LEAP_DAYS]
    if kind is pl.Datetime:
        return [
            low,
            high,
            *(datetime(d.year, d.month, d.day, 23, 59, tzinfo=UTC) for d in _LEAP_DAYS),
        ]
    if kind is pl.Float64:
        low = -1.7e308 if low is None else low
        high = 1.7e308 if high is None else high
        least = column.least or 0.0
        return [low, high, least, -least, *_FLOATS]
    high = 2**63 - 1 if high is None else high
    return [low, high, low + _STEP[kind] * 3]  # type: ignore[operator]


def tables(table: Table, max_rows: int) -> st.SearchStrategy[pl.DataFrame]:
    """Rows of a table. `line_number` counts them."""
    columns = {c.name: values(c) for c in table.columns if c.name != "line_number"}
    rows = st.lists(st.fixed_dictionaries(columns), min_size=1, max_size=max_rows)
    return rows.map(lambda found: _frame(table, found))


def _frame(table: Table, rows: list[dict[str, Any]]) -> pl.DataFrame:
    numbered = [{**row, "line_number": number} for number, row in enumerate(rows, start=2)]
    named = [{name: row[name] for name in table.schema.names()} for row in numbered]
    return pl.DataFrame(named, schema=table.schema)
