from __future__ import annotations

import numpy as np
import pytest

from shop import orders
from shop.customers import Purchases
from shop.demand import Demand, demand
from shop.parameters import Parameters
from shop.periods import months
from shop.products import products
from shop.streams import stream

PARAMETERS = Parameters(lines=100_000)
PRODUCTS = products(PARAMETERS)
DEMAND = demand(PARAMETERS, PRODUCTS, list(months(PARAMETERS))[5])
COUNT = 20_000
NO_ONE_ELSE = (np.empty(0, np.int64), np.empty(0, np.int64))


def purchases(count: int = COUNT, budget: int = 36_000, wishes: Demand = DEMAND) -> Purchases:
    """On all days of the month, of customers of their own."""
    number = np.arange(count)
    day = np.sort(wishes.month.first_day + number % wishes.month.days)
    at = (np.datetime64(PARAMETERS.start) + day).astype("datetime64[m]") + np.timedelta64(600, "m")
    return Purchases(number, number, number * 0, day, at, np.full(count, budget))


BOUGHT = purchases()
FILLED = orders.fill(BOUGHT, DEMAND, NO_ONE_ELSE, stream(1, "test"))


def test_an_order_spends_its_budget() -> None:
    spent = np.bincount(FILLED.number, FILLED.quantity * FILLED.price, COUNT)

    assert spent.min() > 36_000 - DEMAND.overshoot
    assert spent.mean() == pytest.approx(36_000, rel=0.02)


def test_an_order_has_at_least_one_line_and_no_product_twice() -> None:
    poor = orders.fill(purchases(100, 1), DEMAND, NO_ONE_ELSE, stream(1, "poor"))

    assert poor.number.tolist() == list(range(100))
    assert len(np.unique(FILLED.number * len(PRODUCTS) + FILLED.product)) == len(FILLED)
    assert (np.diff(FILLED.number) >= 0).all()


def test_units_sold_are_those_that_demand_expects() -> None:
    """Units of a product are picks * share * units, picks being the same for all products."""
    expected = (DEMAND.share * DEMAND.units).mean(axis=0)
    found = np.bincount(FILLED.product, FILLED.quantity, len(PRODUCTS))
    picks = found.sum() / expected.sum()

    # The variance of a sum of geometric numbers over Poisson picks is at most 2 * units * mean.
    error = np.sqrt(2 * DEMAND.units.max(axis=0) * picks * expected)

    assert (np.abs(found - picks * expected) <= 4.5 * error).all()


def test_regression_on_prices_finds_the_elasticity() -> None:
    """Log units of lines on log prices, of products that a promotion made cheaper for some days."""
    is_varied = np.ptp(DEMAND.price, axis=0) > 0.15 * DEMAND.price.max(axis=0)
    day = BOUGHT.day[FILLED.number] - DEMAND.month.first_day
    promoted = DEMAND.is_promoted[day, FILLED.product]
    found, weights = [], []
    for product in np.flatnonzero(is_varied):
        of = FILLED.product == product
        low, high = FILLED.quantity[of & promoted], FILLED.quantity[of & ~promoted]
        if min(len(low), len(high)) < 200:
            continue
        price = [FILLED.price[of & p].mean() for p in (promoted, ~promoted)]
        change = np.log(price[0] / price[1])
        slope = np.log(low.mean() / high.mean()) / change
        variance = sum((q.std() / q.mean()) ** 2 / len(q) for q in (low, high)) / change**2
        found.append(slope - PRODUCTS.elasticity[product])
        weights.append(1 / variance)
    z = np.array(found) * np.sqrt(weights)

    assert len(found) > 10
    assert np.abs(z).max() < 4
    assert np.average(found, weights=weights) == pytest.approx(0, abs=4 / np.sqrt(sum(weights)))


def test_lines_are_as_many_as_expected() -> None:
    expected = orders.expected_lines(DEMAND, np.full(1, 36_000.0))

    assert len(FILLED) / COUNT == pytest.approx(expected, rel=0.05)


def test_intermittent_demand_is_one_line_of_an_order_of_its_day() -> None:
    owner, product = orders.wanted(BOUGHT, DEMAND, stream(1, "wanted"))
    filled = orders.fill(BOUGHT, DEMAND, (owner, product), stream(1, "test"))

    assert np.array_equal(np.bincount(product, minlength=len(PRODUCTS)), DEMAND.occurs.sum(axis=0))
    assert DEMAND.occurs[BOUGHT.day[owner] - DEMAND.month.first_day, product].all()
    is_intermittent = PRODUCTS.is_intermittent[filled.product]
    found = sorted(
        zip(filled.number[is_intermittent], filled.product[is_intermittent], strict=True)
    )
    assert found == sorted(zip(owner, product, strict=True))


def test_demand_of_a_day_without_purchases_is_lost() -> None:
    owner, _ = orders.wanted(purchases(1), DEMAND, stream(1, "wanted"))

    assert len(owner) == DEMAND.occurs[0].sum()


def test_prices_are_those_of_the_day() -> None:
    day = BOUGHT.day[FILLED.number] - DEMAND.month.first_day

    assert np.array_equal(FILLED.price, DEMAND.price[day, FILLED.product])


@pytest.mark.parametrize(("count", "sizes"), [(0, [0]), (5, [2, 2, 1]), (4, [2, 2])])
def test_blocks_hold_all_purchases_in_order(count: int, sizes: list[int]) -> None:
    bought = purchases(count)

    parts = [bought[rows] for rows in orders.blocks(bought, 2)]

    assert [len(part) for part in parts] == sizes
    assert np.concatenate([part.order for part in parts]).tolist() == list(range(count))
