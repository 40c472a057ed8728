"""Rows of insights from weekly demand."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from demand_insights_engine.demand.history import History
from demand_insights_engine.demand.rows import ALL, HORIZON, rows

FIRST = date(2024, 1, 1)
WEEKS = 40
PRODUCTS = ("AB-1", "AB-2", "CD-1", "77")


def history(currencies: tuple[str, ...] = ("EUR",)) -> History:
    random = np.random.default_rng(1)
    frames = [
        pl.DataFrame(
            {
                "product_id": product,
                "currency": currency,
                "week": [FIRST + timedelta(weeks=number) for number in range(WEEKS)],
                "days": 7,
                "units": random.poisson(5 + 10 * index, WEEKS),
            }
        )
        for currency in currencies
        for index, product in enumerate(PRODUCTS)
    ]
    return History.of(pl.concat(frames))


@pytest.fixture(scope="module")
def found():
    return rows(history(), has_boosting=False)


def test_means_add_up(found):
    means = found.forecasts.pivot("level", index="week", values="mean", aggregate_function="sum")

    assert means["product"].to_list() == pytest.approx(means["group"].to_list())
    assert means["group"].to_list() == pytest.approx(means["total"].to_list())


def test_every_series_has_every_week(found):
    counts = found.forecasts.group_by("level", "name").len()

    assert counts.height == 1 + 3 + len(PRODUCTS)
    assert set(counts["len"]) == {HORIZON}
    assert found.forecasts["week"].min() == FIRST + timedelta(weeks=WEEKS)


def test_quantiles_are_in_order(found):
    quantiles = found.forecasts.select(pl.col("^q[0-9]+$")).to_numpy()

    assert (np.diff(quantiles, axis=1) >= 0).all()


def test_facts_of_series(found):
    total = found.series.filter(pl.col("level") == "total").row(0, named=True)
    products = found.series.filter(pl.col("level") == "product")

    assert (total["name"], total["weeks"]) == (ALL, WEEKS)
    assert total["last_week"] == FIRST + timedelta(weeks=WEEKS - 1)
    assert products["group"].to_list() == ["other", "AB", "AB", "CD"]
    assert products["warning"].null_count() == len(PRODUCTS)


def test_currencies_are_apart():
    both = rows(history(("EUR", "USD")), has_boosting=False)

    totals = both.series.filter(pl.col("level") == "total")
    assert totals["currency"].to_list() == ["EUR", "USD"]


def test_without_products_there_are_no_rows():
    nothing = rows(History((), (), np.empty((0, 0))), has_boosting=False)

    assert nothing.forecasts.is_empty()
    assert nothing.series.is_empty()
