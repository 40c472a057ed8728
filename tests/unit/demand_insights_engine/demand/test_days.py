"""Rows of daily forecasts."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from datalake.contracts.insights import DEMAND_DAYS
from demand_insights_engine.demand.days import HORIZON, rows
from demand_insights_engine.demand.history import History
from demand_weeks import FIRST, PRODUCTS, demand_days

DAYS = 60


@pytest.fixture(scope="module")
def found():
    return rows(History.of_days(demand_days(days=DAYS)))


def test_rows_meet_their_contract(found):
    versions = {"model_version": "1.0+0123456789ab", "data_version": "0123456789abcdef"}
    DEMAND_DAYS.check(found.with_columns(**{k: pl.lit(v) for k, v in versions.items()}))


def test_every_series_has_every_day(found):
    counts = found.group_by("level", "name").len()

    assert counts.height == 1 + 3 + len(PRODUCTS)
    assert set(counts["len"]) == {HORIZON}
    assert found["day"].min() == FIRST + timedelta(days=DAYS)


def test_means_add_up(found):
    means = found.pivot("level", index="day", values="mean", aggregate_function="sum")

    assert means["product"].to_list() == pytest.approx(means["total"].to_list())


def test_days_on_which_nothing_is_sold_are_expected_to_be_so(found):
    total = found.filter(pl.col("level") == "total")
    sunday = total.filter(pl.col("day").dt.weekday() == 7)["q50"].to_numpy()
    other = total.filter(pl.col("day").dt.weekday() < 7)["q50"].to_numpy()

    assert sunday.max() < 0.2 * np.median(other)


def test_without_products_there_are_no_rows():
    assert rows(History.of_days(demand_days().clear())).is_empty()
