"""Periods that divide a table, as text: months `2011-01`, years `2011`, days `2011-01-01`.

The only period of a table that is not divided is "", which has all days.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date


def period_of(day: date, unit: str) -> str:
    """The month or year that a day lies in; "" if `unit` is ""."""
    return {"month": f"{day:%Y-%m}", "year": f"{day:%Y}", "": ""}[unit]


def first_day(period: str) -> date:
    """The first day of a month or year, the day itself of an `as_of`."""
    if not period:
        return date.min
    parts = [*map(int, period.split("-")), 1, 1]
    return date(parts[0], parts[1], parts[2])


def shift(period: str, steps: int) -> str:
    """The month or year so many steps later (earlier if negative)."""
    start = first_day(period)
    if "-" not in period:
        return f"{start.year + steps:04d}"
    months = start.year * 12 + start.month - 1 + steps
    return f"{months // 12:04d}-{months % 12 + 1:02d}"


def end_day(period: str) -> date:
    """The first day after a month or year."""
    return first_day(shift(period, 1)) if period else date.max


def span(first: str, last: str) -> Iterator[str]:
    """All periods from `first` to `last`, both included; none if `last` is earlier."""
    if not first:
        yield first
    while first and first <= last:
        yield first
        first = shift(first, 1)
