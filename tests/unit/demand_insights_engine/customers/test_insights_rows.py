"""From days of customers to rows that keep the contracts, whatever the customers are."""

from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_days import FIRST, days_of, simulate
from datalake.contracts.insights import (
    CUSTOMER_CARDS,
    CUSTOMER_COHORTS,
    CUSTOMER_MODELS,
    CUSTOMER_RECOMMENDATIONS,
    CUSTOMER_SEGMENTS,
)
from datalake.contracts.prod import CUSTOMER_DAYS
from demand_insights_engine.customers import insights_rows
from demand_insights_engine.customers.insights_rows import tables

AS_OF = FIRST + timedelta(days=330)
BOUGHT = pl.DataFrame(
    [
        (f"c{n:05}", product, FIRST)
        for n in range(60)
        for product in (("tea", "teapot") if n % 2 else ("lamp", "bulb"))
        if (n, product) != (1, "teapot")
    ],
    schema={"customer_id": pl.String, "product_id": pl.String, "day": pl.Date},
    orient="row",
)


@pytest.fixture(scope="module", autouse=True)
def few_replicates():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(insights_rows, "_REPLICATES", 4)
        yield


def in_currency(days, currency="GBP"):
    """With the types of the prod table."""
    money = CUSTOMER_DAYS.schema["amount"]
    return days.with_columns(
        pl.lit(currency).alias("currency"), pl.col("amount", "returned_amount").cast(money)
    )


def checked(days, bought=BOUGHT, as_of=AS_OF):
    """The tables, after a check of each against its contract."""
    found = tables(days, bought, as_of)
    for table, rows in found.items():
        versions = [pl.lit("v1").alias("model_version"), pl.lit("0" * 16).alias("data_version")]
        table.check(rows.with_columns(versions))
    return found


@pytest.fixture(scope="module")
def found():
    return checked(in_currency(simulate(300, 5, days=330)))


def test_all_figures_of_a_shop_are_told_with_bounds(found):
    cards = found[CUSTOMER_CARDS]

    assert cards.height == 300
    for name in ("p_active", "purchases", "mean_amount", "spend", "p_leaves"):
        assert cards[name].null_count() == 0
        between = pl.col(name).is_between(f"{name}_lower", f"{name}_upper")
        assert cards.select(between.all()).item()
    once = cards.filter(pl.col("purchase_days") == 1)
    assert once["warnings"].list.first().str.contains("one day only").all()


def test_cards_hold_the_days_of_all_purchases(found):
    on = pl.col("purchased_on")

    checked = found[CUSTOMER_CARDS].select(
        (on.list.len() == pl.col("purchase_days")).all().alias("number"),
        (on.list.first() == pl.col("first_day")).all().alias("first"),
        (on.list.last() == pl.col("last_day")).all().alias("last"),
    )

    assert checked.row(0) == (True, True, True)


def test_segments_and_cohorts_hold_all_customers(found):
    assert found[CUSTOMER_SEGMENTS]["customers"].sum() == 300
    assert found[CUSTOMER_SEGMENTS]["share"].sum() == pytest.approx(1)
    assert found[CUSTOMER_SEGMENTS]["recency_quintiles"].list.len().unique().to_list() == [4]
    assert found[CUSTOMER_COHORTS].filter(months_since=0)["customers"].sum() == 300


def test_parameters_are_told_with_their_bounds(found):
    models = found[CUSTOMER_MODELS]

    assert models.filter(model="BG/NBD")["parameter"].to_list() == ["a", "alpha", "b", "r"]
    bounded = models.filter(model="BG/NBD").select(pl.col("upper") >= pl.col("lower"))
    assert bounded.to_series().all()
    assert models.filter(model="Gamma-Gamma")["lower"].null_count() == 3


def test_recommendations_have_reasons(found):
    row = found[CUSTOMER_RECOMMENDATIONS].row(0, named=True)

    assert (row["customer_id"], row["product_id"], row["because_of"]) == (
        "c00001",
        "teapot",
        "tea",
    )


def test_currencies_are_told_apart():
    days = pl.concat([in_currency(simulate(60, 1), "EUR"), in_currency(simulate(40, 2), "GBP")])

    cards = checked(days)[CUSTOMER_CARDS]

    assert cards.group_by("currency").len().sort("currency").rows() == [("EUR", 60), ("GBP", 40)]


@pytest.mark.parametrize(
    "days",
    [
        days_of(),
        days_of(("a", 1, 10)),
        days_of(("a", 1, None, 10)),
        days_of(("a", 1, 10), ("a", 9, None, 500)),
        days_of(*((f"c{n}", 5, 10) for n in range(200))),
        days_of(*((f"c{n}", day, 10) for n in range(30) for day in range(0, 300, 30))),
        days_of(*((f"c{n}", day, 0) for n in range(30) for day in (1, 100 + n))),
        days_of(*((f"c{n}", day, 1e12) for n in range(30) for day in (1, 100 + n))),
        days_of(*((f"c{n}", 400 + n, 10) for n in range(30))),
    ],
    ids=[
        "nobody",
        "one purchase",
        "one return",
        "returned more than bought",
        "all on one day",
        "all alike",
        "all free",
        "huge amounts",
        "all in the future",
    ],
)
def test_odd_customers_have_honest_cards(days):
    cards = checked(in_currency(days), BOUGHT.clear())[CUSTOMER_CARDS]

    silent = cards.filter(pl.col("purchases").is_null())
    assert (silent["warnings"].list.len() > 0).all()


def test_a_purchase_of_tomorrow_changes_no_row(found):
    later = in_currency(days_of(("c00001", 330, 1e6), ("new", 331, 5)))

    again = checked(pl.concat([in_currency(simulate(300, 5, days=330)), later]))

    for table, rows in found.items():
        assert rows.equals(again[table])


LATER = st.integers(60, 400)
CUSTOMER = st.sampled_from(["a", "b", "new"])


@settings(max_examples=25, deadline=None)
@given(
    days=st.lists(
        st.tuples(CUSTOMER, LATER, st.none() | st.integers(1, 10**6), st.integers(0, 100)),
        max_size=8,
        unique_by=lambda row: row[:2],
    ),
    currency=st.sampled_from(["GBP", "EUR"]),
    products=st.lists(st.tuples(CUSTOMER, st.sampled_from(["tea", "lamp", "x"]), LATER)),
)
def test_nothing_that_happens_later_changes_a_row(days, currency, products):
    as_of = FIRST + timedelta(days=60)
    known = in_currency(days_of(("a", 1, 10), ("a", 40, 20), ("b", 59, 10), ("b", 30, None, 4)))
    later = in_currency(days_of(*days), currency)
    bought = pl.DataFrame(
        [(customer, product, FIRST + timedelta(days=day)) for customer, product, day in products],
        schema=BOUGHT.schema,
        orient="row",
    )

    before = tables(known, BOUGHT, as_of)
    after = tables(pl.concat([known, later]), pl.concat([BOUGHT, bought]), as_of)

    assert all(after[table].equals(rows) for table, rows in before.items())


def test_the_order_of_rows_does_not_matter(found):
    days, bought = (
        rows.sample(fraction=1, shuffle=True, seed=7)
        for rows in (in_currency(simulate(300, 5, days=330)), BOUGHT)
    )

    again = checked(days, bought)

    for table, rows in found.items():
        assert rows.equals(again[table])
