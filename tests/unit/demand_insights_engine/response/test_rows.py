"""Rows of price responses from weekly demand."""

import numpy as np
import polars as pl
import pytest

from datalake.contracts.insights import PRICE_RESPONSES
from demand_insights_engine.demand.history import History
from demand_insights_engine.response.rows import rows
from demand_weeks import demand_weeks, demand_weeks_of

WEEKS = 60


def responses(*parts):
    return rows(History.of(pl.concat(parts)))[PRICE_RESPONSES]


def responding(product, elasticity, seed):
    random = np.random.default_rng(seed)
    price = random.choice([1.5, 2.0, 2.5], WEEKS)
    units = random.poisson(40 * (price / 2) ** elasticity)
    return demand_weeks_of(product, units, price=price)


@pytest.fixture(scope="module")
def found():
    return responses(*(responding(f"PR-{number}", -2.0, number) for number in range(6)))


def test_the_elasticity_is_found_of_group_and_products(found):
    assert found["level"].to_list() == ["group", *["product"] * 6]
    assert found["elasticity"].to_list() == pytest.approx([-2.0] * 7, abs=0.3)
    assert found["is_significant"].all()
    assert (found["lower"] < found["upper"]).all()


def test_products_name_the_prices_seen(found):
    products = found.filter(level="product")
    assert set(products["lowest_price"]) == {1.5}
    assert set(products["highest_price"]) == {2.5}
    assert set(products["price"]) <= {1.5, 2.0, 2.5}
    assert found.filter(level="group")["price"].to_list() == [None]


def test_demand_that_rises_with_the_price_is_no_response_to_act_on():
    found = responses(*(responding(f"PR-{number}", 2.0, number) for number in range(6)))
    assert found["elasticity"].min() > 1
    assert not found["is_significant"].any()


@pytest.mark.parametrize("price", [2.0, 0.0, None])
def test_without_prices_that_vary_there_is_no_response(price):
    assert responses(demand_weeks_of("A-1", list(range(1, 40)), price=price)).is_empty()


@pytest.mark.parametrize("weeks", [0, 1, 2])
def test_little_demand_has_no_response(weeks):
    assert responses(demand_weeks(weeks=weeks)).is_empty()


def test_a_product_that_sold_once_has_no_price_elsewhere():
    units = [0] * 39 + [5]
    price = np.full(40, np.nan)
    price[-1] = 3.0
    weeks = demand_weeks_of("A-1", units, price=price).with_columns(
        pl.col("unit_price").fill_nan(None)
    )
    assert responses(weeks).is_empty()
