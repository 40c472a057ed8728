"""Rows of insights from weekly demand."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from datalake.contracts.insights import (
    DEMAND_BACKTESTS,
    DEMAND_FORECASTS,
    DEMAND_SERIES,
    DEMAND_TABLES,
)
from demand_insights_engine.demand.history import History
from demand_insights_engine.demand.panel import ALL
from demand_insights_engine.demand.rows import HORIZON, rows
from demand_weeks import FIRST, PRODUCTS, WEEKS, demand_weeks


def history(currencies: tuple[str, ...] = ("EUR",)) -> History:
    return History.of(pl.concat(demand_weeks(currency) for currency in currencies))


@pytest.fixture(scope="module")
def found():
    return rows(history(), has_boosting=False)


def test_means_add_up(found):
    means = found[DEMAND_FORECASTS].pivot(
        "level", index="week", values="mean", aggregate_function="sum"
    )

    assert means["product"].to_list() == pytest.approx(means["group"].to_list())
    assert means["group"].to_list() == pytest.approx(means["total"].to_list())


def test_every_series_has_every_week(found):
    counts = found[DEMAND_FORECASTS].group_by("level", "name").len()

    assert counts.height == 1 + 3 + len(PRODUCTS)
    assert set(counts["len"]) == {HORIZON}
    assert found[DEMAND_FORECASTS]["week"].min() == FIRST + timedelta(weeks=WEEKS)


def test_quantiles_are_in_order(found):
    quantiles = found[DEMAND_FORECASTS].select(pl.col("^q[0-9]+$")).to_numpy()

    assert (np.diff(quantiles, axis=1) >= 0).all()


def test_facts_of_series(found):
    total = found[DEMAND_SERIES].filter(pl.col("level") == "total").row(0, named=True)
    products = found[DEMAND_SERIES].filter(pl.col("level") == "product")

    assert (total["name"], total["weeks"]) == (ALL, WEEKS)
    assert total["last_week"] == FIRST + timedelta(weeks=WEEKS - 1)
    assert products["group"].to_list() == ["other", "AB", "AB", "CD"]
    assert products["warning"].null_count() == len(PRODUCTS)


def test_currencies_are_apart():
    both = rows(history(("EUR", "USD")), has_boosting=False)

    totals = both[DEMAND_SERIES].filter(pl.col("level") == "total")
    assert totals["currency"].to_list() == ["EUR", "USD"]


def test_without_products_there_are_no_rows():
    nothing = rows(History.of(demand_weeks(weeks=0)), has_boosting=False)

    assert set(nothing) == set(DEMAND_TABLES)
    assert all(one.is_empty() for one in nothing.values())


def test_rows_meet_their_contracts(found):
    for table, one in found.items():
        table.check(
            one.with_columns(
                model_version=pl.lit("1.0+0123456789ab"), data_version=pl.lit("0123456789abcdef")
            )
        )


def test_backtests_hold_what_came(found):
    one = found[DEMAND_BACKTESTS].filter(pl.col("name") == "AB-1")
    weeks = [FIRST + timedelta(weeks=number) for number in range(WEEKS - 2 * HORIZON, WEEKS)]

    assert one["week"].to_list() == weeks
    assert one["step"].to_list() == [*range(1, HORIZON + 1)] * 2
    assert one["actual"].to_list() == history().units[1, -2 * HORIZON :].tolist()
