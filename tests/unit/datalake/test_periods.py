from __future__ import annotations

from datetime import date

import pytest

from datalake.periods import end_day, first_day, period_of, shift, span


@pytest.mark.parametrize(
    ("unit", "period", "first", "end"),
    [
        ("month", "2011-12", date(2011, 12, 1), date(2012, 1, 1)),
        ("year", "2011", date(2011, 1, 1), date(2012, 1, 1)),
        ("", "", date.min, date.max),
    ],
)
def test_a_period_holds_its_days(unit: str, period: str, first: date, end: date) -> None:
    assert period_of(date(2011, 12, 31), unit) == period
    assert (first_day(period), end_day(period)) == (first, end)


def test_a_snapshot_begins_on_its_day() -> None:
    assert first_day("2011-02-01") == date(2011, 2, 1)


@pytest.mark.parametrize(
    ("period", "steps", "expected"),
    [
        ("2011-11", 2, "2012-01"),
        ("2011-01", -1, "2010-12"),
        ("2011", 3, "2014"),
        ("2011", 0, "2011"),
    ],
)
def test_periods_are_counted_over_years(period: str, steps: int, expected: str) -> None:
    assert shift(period, steps) == expected


def test_a_span_has_both_its_ends() -> None:
    assert list(span("2010-11", "2011-02")) == ["2010-11", "2010-12", "2011-01", "2011-02"]
    assert list(span("2011", "2011")) == ["2011"]
    assert list(span("2012", "2011")) == []
    assert list(span("", "")) == [""]
