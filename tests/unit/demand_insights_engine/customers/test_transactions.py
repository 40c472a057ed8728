"""Frequency, recency, age and monetary value of customers, as of a date."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_days import FIRST, days_of
from demand_insights_engine.customers.transactions import (
    TransactionsError,
    histories,
    purchase_days,
)


def as_of(day):
    return FIRST + timedelta(days=day)


def summary(days, day):
    found = histories(days, as_of(day))
    return {
        customer: values
        for customer, *values in zip(
            found.customer_id,
            found.frequency,
            found.recency * 7,
            found.age * 7,
            found.monetary_value,
            strict=True,
        )
    }


def test_purchases_are_counted_in_days_after_the_first():
    days = days_of(("a", 0, 10), ("a", 7, 20), ("a", 21, 40), ("b", 9, 5))

    assert summary(days, 29) == {
        "a": pytest.approx([2, 21, 28, 30]),
        "b": pytest.approx([0, 0, 19, 0]),
    }


def test_the_day_itself_is_not_yet_known():
    days = days_of(("a", 0, 10), ("a", 7, 20), ("b", 7, 5))

    assert summary(days, 7) == {"a": pytest.approx([0, 0, 6, 0])}


def test_what_is_given_back_on_the_day_is_no_purchase():
    days = days_of(("a", 0, 10), ("a", 3, 77_183, 77_183), ("a", 5, 30, 10), ("b", 2, 5, 9))

    assert summary(days, 8) == {"a": pytest.approx([1, 5, 7, 20])}


def test_returns_of_later_days_take_no_purchase_back():
    found = histories(days_of(("a", 0, 10), ("a", 9, None, 500)), as_of(20))

    assert (found.frequency[0], found.amount[0], found.returned_amount[0]) == (0, 10, 500)


def test_a_free_purchase_is_a_purchase():
    assert summary(days_of(("a", 0, 0), ("a", 7, 0)), 15) == {"a": pytest.approx([1, 7, 14, 0])}


def test_without_purchases_there_are_no_customers():
    assert len(histories(days_of(), as_of(9))) == 0
    assert len(histories(days_of(("a", 1, None, 5)), as_of(9))) == 0
    assert len(histories(days_of(("a", 30, 5)), as_of(9))) == 0


def test_decimals_of_the_prod_table_are_read():
    days = days_of(("a", 0, 10), ("a", 7, 20)).with_columns(
        pl.col("amount", "returned_amount").cast(pl.Decimal(38, 4))
    )

    assert summary(days, 8) == {"a": pytest.approx([1, 7, 7, 20])}


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("amount", float("nan"), "amount is nan"),
        ("amount", float("inf"), "amount is inf"),
        ("amount", -1.0, "amount is -1.0; it must be from 0"),
        ("amount", 1e18, "amount is 1e"),
        ("amount", None, "amount is None"),
        ("returned_amount", -0.5, "returned_amount is -0.5"),
        ("orders", -2, "orders is -2; it must be 0 or more"),
        ("day", None, "day is None"),
        ("customer_id", None, "customer_id is None"),
    ],
)
def test_values_that_no_figure_can_rest_on_are_refused_with_their_place(column, value, said):
    days = days_of(("a", 0, 10), ("b", 7, 20))
    broken = pl.DataFrame({column: [value]}, schema={column: days.schema[column]})
    days = pl.concat([days, days.tail(1).with_columns(broken[column].alias(column))])

    with pytest.raises(TransactionsError, match=said):
        purchase_days(days, as_of(9))


def test_two_rows_of_a_day_and_missing_columns_are_refused():
    with pytest.raises(TransactionsError, match="a currency at a time"):
        histories(days_of(("a", 0, 10), ("a", 0, 20)), as_of(9))
    with pytest.raises(TransactionsError, match="lack orders"):
        histories(days_of(("a", 0, 10)).drop("orders"), as_of(9))


ROWS = st.lists(
    st.tuples(
        st.sampled_from("abcd"),
        st.integers(0, 60),
        st.one_of(st.none(), st.floats(0, 1e12)),
        st.floats(0, 1e12),
    ),
    max_size=30,
    unique_by=lambda row: row[:2],
)


@given(ROWS, ROWS, st.integers(1, 60))
def test_tomorrow_changes_nothing_of_today(rows, others, day):
    """Whatever happens on or after the day."""
    past = [row for row in rows if row[1] < day]
    later = [row for row in others if row[1] >= day]

    assert str(histories(days_of(*past), as_of(day))) == str(
        histories(days_of(*later, *past), as_of(day))
    )


@given(ROWS)
def test_recency_lies_within_the_age_and_amounts_are_sums(rows):
    found = histories(days_of(*rows), date(2024, 12, 31))

    assert ((found.recency >= 0) & (found.recency <= found.age)).all()
    assert ((found.frequency == 0) == (found.recency == 0)).all()
    assert list(found.customer_id) == sorted(set(found.customer_id))
