"""Days without sales that are no days without demand."""

import numpy as np
import pytest

from demand_insights_engine.censoring import LEAST_SERIES, censored, closed, stock_outs


def demand(rate, days=400, series=200, seed=1):
    return np.random.default_rng(seed).poisson(rate, (series, days)).astype(float)


@pytest.mark.parametrize("rate", [0.1, 0.5, 2.0, 20.0])
def test_chance_makes_no_stock_outs(rate):
    found = censored(demand(rate))
    assert found.is_out.any(axis=1).mean() <= 0.02


@pytest.mark.parametrize(("rate", "length"), [(0.5, 60), (1.0, 30), (3.0, 14), (20.0, 10)])
def test_a_long_break_of_a_product_that_sells_is_found(rate, length):
    units = demand(rate)
    units[:100, 150 : 150 + length] = 0
    found = censored(units)
    assert found.is_out[:100, 150 : 150 + length].all(axis=1).mean() > 0.65
    assert found.is_out[100:].any(axis=1).mean() <= 0.02
    assert not found.is_closed.any()


def test_each_product_alone_may_be_out():
    units = demand(3.0)
    units[5, 100:120] = 0
    found = censored(units)
    assert found.is_out[5, 100:120].all()
    assert found.is_out.sum() <= 20 + 6
    known = found.known(units)
    assert np.isnan(known[5, 100:120]).all()
    np.testing.assert_array_equal(known[6], units[6])


@pytest.mark.parametrize("length", [1, 2, 5])
def test_short_breaks_of_slow_products_are_chance(length):
    units = demand(0.3)
    units[:, 200 : 200 + length] = 0
    units[0] = 1  # the shop is open
    assert censored(units).is_out.any(axis=1).mean() <= 0.02


@pytest.mark.parametrize("every", [7, 9])
def test_days_on_which_the_shop_is_closed_are_no_stock_outs(every):
    units = demand(1.5)
    units[:, ::every] = 0
    units[:, 300:312] = 0
    found = censored(units)
    assert found.is_closed[::every].all()
    assert found.is_closed[300:312].all()
    assert not found.is_out[:, found.is_closed].any()
    assert found.is_closed.sum() == len(set(range(0, 400, every)) | set(range(300, 312)))


def test_a_season_that_fades_and_comes_back_is_no_stock_out():
    rate = 6 * np.clip(np.cos(2 * np.pi * np.arange(730) / 365), 0, None) ** 2
    units = np.random.default_rng(3).poisson(rate, (200, 730)).astype(float)
    found = censored(np.vstack([units, demand(2.0, days=730, series=50)]))
    assert found.is_out[:200].any(axis=1).mean() < 0.05


def test_the_end_of_a_product_is_not_a_stock_out():
    units = demand(5.0)
    units[:50, 250:] = 0
    assert not censored(units).is_out[:50, 250:].any()


def test_few_series_never_close_a_shop():
    assert not closed(np.zeros((LEAST_SERIES - 1, 50))).any()
    units = demand(5.0, series=LEAST_SERIES - 1)
    units[:, 40] = 0
    assert not closed(units).any()


@pytest.mark.parametrize(
    "units", [np.zeros((30, 9)), np.full((30, 9), np.nan), np.ones((1, 1)), np.empty((0, 5))]
)
def test_where_nothing_is_sold_nothing_is_censored(units):
    found = censored(units)
    assert not found.is_out.any()
    assert not found.is_closed.any()


def test_one_series_by_hand():
    """Every day a sale, then 30 days none: the rate after the sale next to it is near one."""
    series = np.ones(90)
    series[40:70] = 0
    assert np.flatnonzero(stock_outs(series)).tolist() == list(range(40, 70))
    assert not stock_outs(np.zeros(90)).any()
    assert not stock_outs(np.array([1.0])).any()


@pytest.mark.parametrize("units", [-1.0, float("inf")])
def test_impossible_units_are_refused(units):
    with pytest.raises(ValueError, match="finite and not negative"):
        censored(np.full((2, 9), units))
