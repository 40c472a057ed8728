"""Retention by month of the first purchase."""

from datetime import date

import polars as pl

from customer_days import days_of, simulate
from demand_insights_engine.customers.cohorts import retention

DAYS = days_of(
    ("a", date(2024, 1, 5), 10),
    ("a", date(2024, 3, 5), 10),
    ("b", date(2024, 1, 20), 10),
    ("b", date(2024, 1, 25), 10),
    ("c", date(2024, 2, 1), 10),
    ("c", date(2024, 4, 1), 10),
)


def test_months_without_anyone_are_there_and_running_ones_are_not():
    found = retention(DAYS, date(2024, 4, 15))

    columns = ("cohort", "months_since", "customers", "active", "retention", "is_first")
    assert found.select(columns).rows() == [
        ("2024-01", 0, 2, 2, 1.0, True),
        ("2024-01", 1, 2, 0, 0.0, True),
        ("2024-01", 2, 2, 1, 0.5, True),
        ("2024-02", 0, 1, 1, 1.0, False),
        ("2024-02", 1, 1, 0, 0.0, False),
    ]


def test_cohorts_span_the_turn_of_a_year():
    days = days_of(("a", date(2023, 12, 31), 1), ("a", date(2024, 1, 1), 1))

    found = retention(days, date(2024, 2, 1))

    assert found.select("cohort", "months_since", "active").rows() == [
        ("2023-12", 0, 1),
        ("2023-12", 1, 1),
    ]


def test_without_a_month_that_is_over_there_is_no_cohort():
    assert retention(DAYS, date(2024, 1, 31)).is_empty()
    assert retention(days_of(), date(2024, 1, 31)).is_empty()


def test_tomorrow_changes_nothing_and_shares_lie_in_their_intervals():
    days, as_of = simulate(200, 2), date(2024, 7, 1)
    found = retention(days, as_of)

    assert found.equals(retention(days.filter(pl.col("day") < as_of), as_of))
    assert found.filter(
        ~pl.col("retention").is_between(pl.col("lower"), pl.col("upper"))
    ).is_empty()
    assert found.filter(pl.col("months_since") == 0)["retention"].unique().to_list() == [1.0]
