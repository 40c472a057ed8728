"""Rows of unusual weeks and movers from weekly demand."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datalake.contracts.insights import DEMAND_ANOMALIES, DEMAND_MOVERS
from demand_insights_engine.changes.rows import rows
from demand_insights_engine.demand.history import History
from demand_weeks import FIRST, PRODUCTS, WEEKS, demand_weeks, demand_weeks_of


def found(*parts):
    return rows(History.of(pl.concat(parts)))


def test_an_unusual_week_is_found_at_every_level():
    units = np.full(WEEKS, 20)
    units[17] = 200

    anomalies = found(demand_weeks_of("AB-1", units), demand_weeks_of("AB-2", [20] * WEEKS))[
        DEMAND_ANOMALIES
    ]

    assert anomalies.select("level", "name").rows() == [
        ("total", "all"), ("group", "AB"), ("product", "AB-1"),
    ]  # fmt: skip
    assert set(anomalies["week"]) == {FIRST + timedelta(weeks=17)}
    product = anomalies.row(-1, named=True)
    assert product["lower"] <= product["expected"] <= product["upper"] < product["units"]


def test_chance_is_not_unusual():
    assert found(demand_weeks())[DEMAND_ANOMALIES].height <= 2


def test_a_product_that_changed_is_told_from_chance():
    rising = [10] * (WEEKS - 1) + [100]

    movers = found(demand_weeks(), demand_weeks_of("AB-9", rising))[DEMAND_MOVERS]

    changed = movers.filter("is_significant", pl.col("level") == "product")
    assert changed["name"].to_list() == ["AB-9"]
    assert changed["lower"][0] > 1
    assert (changed["orders"][0], changed["usual_orders"][0]) == (100, 10)


def test_orders_tell_of_changes_where_one_order_is_large():
    units = [10] * (WEEKS - 1) + [1_000]

    movers = found(demand_weeks_of("AB-9", units, orders=[5] * WEEKS))[DEMAND_MOVERS]

    assert not movers["is_significant"].any()
    assert set(movers["change"]) == {990}


@settings(max_examples=25)
@given(
    st.lists(
        st.lists(st.integers(0, 500), min_size=1, max_size=9), min_size=1, max_size=len(PRODUCTS)
    )
)
def test_changes_add_up(units):
    weeks = max(map(len, units))
    parts = [
        # Products begin at different times.
        demand_weeks_of(product, [0] * (weeks - len(one)) + one)[weeks - len(one) :]
        for product, one in zip(PRODUCTS, units, strict=False)
    ]

    movers = found(*parts)[DEMAND_MOVERS]

    if weeks == 1:
        assert movers.is_empty()
        return
    changes = movers.group_by("level").agg(pl.col("change").sum())["change"]
    assert changes.to_list() == pytest.approx([changes[0]] * 3, abs=1e-6)
    if weeks > 4:  # fourths are exact
        assert changes.n_unique() == 1
    if movers["change"][0]:
        assert movers.filter(level="group")["share"].sum() == pytest.approx(1)


def test_a_new_product_has_no_usual_orders():
    new = demand_weeks_of("NEW-1", [0] * (WEEKS - 1) + [7])[-1:]

    [row] = found(demand_weeks(), new)[DEMAND_MOVERS].filter(name="NEW-1").to_dicts()

    assert (row["orders"], row["usual_orders"], row["ratio"]) == (7, None, None)
    assert row["change"] == 7
    assert not row["is_significant"]


def test_currencies_are_apart():
    movers = found(demand_weeks("EUR"), demand_weeks("USD"))[DEMAND_MOVERS]

    assert movers.filter(level="total")["currency"].to_list() == ["EUR", "USD"]
