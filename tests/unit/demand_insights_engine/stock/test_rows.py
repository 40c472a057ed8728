"""Rows of stock advice from weekly demand."""

import numpy as np
import polars as pl
import pytest

from datalake.contracts.insights import STOCK_ADVICE, STOCK_DEMAND
from demand_insights_engine.demand.history import History
from demand_insights_engine.stock.policy import MOST_WEEKS
from demand_insights_engine.stock.rows import rows, weekly
from demand_weeks import PRODUCTS, demand_weeks, demand_weeks_of


@pytest.fixture(scope="module")
def found():
    return rows(History.of(pl.concat([demand_weeks("EUR"), demand_weeks("USD")])))


def test_every_product_has_demand_of_every_number_of_weeks(found):
    counts = found[STOCK_DEMAND].group_by("name", "currency").len()
    assert counts.height == 2 * len(PRODUCTS)
    assert set(counts["len"]) == {MOST_WEEKS}


def test_every_product_has_advice(found):
    advice = found[STOCK_ADVICE]
    assert advice.select("name", "currency").n_unique() == advice.height == 2 * len(PRODUCTS)
    assert (advice["order_up_to"] > advice["reorder_point"]).all()
    assert (advice["service"] >= 0.95).all()


def test_advice_grows_with_demand(found):
    advice = found[STOCK_ADVICE].filter(currency="EUR").sort("mean")
    assert advice["reorder_point"].is_sorted()


def test_without_products_there_are_no_rows():
    assert all(one.is_empty() for one in rows(History.of(demand_weeks(weeks=0))).values())


def test_what_was_never_sold_waits_for_a_customer():
    advice = rows(History.of(demand_weeks_of("A-1", [0] * 20)))[STOCK_ADVICE]
    assert advice["reorder_point"].to_list() == [-1]


def test_weekly_moments_by_hand():
    mean, deviation = weekly(np.array([[np.nan, 2, 4], [np.nan, np.nan, 7], [np.nan] * 3]))
    assert mean.tolist() == [3, 7, 0]
    assert deviation.tolist() == pytest.approx([2**0.5, 0, 0])
