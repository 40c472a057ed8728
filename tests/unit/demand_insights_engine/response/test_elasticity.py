"""Price elasticities, where prices vary."""

import numpy as np
import pytest

from demand_insights_engine.response.elasticity import UNKNOWN, Response, estimate

PERIODS = 400


def shop(elasticity, products=60, seed=1, base=3.0, discounts=(0.1, 0.2, 0.3), dispersion=None):
    """Demand with a season and promotions of two weeks; each product has a price of its own."""
    chance = np.random.default_rng(seed)
    price = np.repeat(chance.uniform(1, 9, (products, 1)), PERIODS, axis=1)
    for row in range(products):
        for start in chance.integers(0, PERIODS - 14, 6):
            price[row, start : start + 14] = price[row].max() * (1 - chance.choice(discounts))
    season = np.exp(0.8 * np.cos(2 * np.pi * np.arange(PERIODS) / 365))
    relative = price / price.max(axis=1, keepdims=True)
    mean = base * season * relative ** np.broadcast_to(elasticity, products)[:, None]
    if dispersion:
        mean = mean * chance.gamma(dispersion, 1 / dispersion, mean.shape)
    return chance.poisson(mean).astype(float), price


@pytest.mark.parametrize("true", [0.0, -0.7, -1.6, -3.0])
@pytest.mark.parametrize("dispersion", [None, 0.7])
def test_the_elasticity_of_a_group_is_found_within_its_error(true, dispersion):
    units, price = shop(true, dispersion=dispersion)
    _, (found,) = estimate(units, price, np.zeros(60, int))
    assert abs(found.elasticity - true) < 3 * found.standard_error
    assert found.standard_error < 0.2
    assert found.is_significant() == (true != 0)
    assert found.products == 60


def test_intervals_hold_the_truth_as_often_as_they_say():
    hits = []
    for seed in range(60):
        units, price = shop(-1.5, products=20, seed=seed, base=1.0, dispersion=1.0)
        _, (found,) = estimate(units, price, np.zeros(20, int))
        low, high = found.interval()
        hits.append(low < -1.5 < high)
    assert np.mean(hits) > 0.85


def test_products_differ_where_their_own_sales_say_so():
    true = np.linspace(-3, -0.5, 40)
    units, price = shop(true, products=40, base=30)
    found, _ = estimate(units, price, np.zeros(40, int))
    values = np.array([one.elasticity for one in found])
    errors = np.array([one.standard_error for one in found])
    assert np.corrcoef(values, true)[0, 1] > 0.9
    assert np.mean(np.abs(values - true) < 1.96 * errors) >= 0.85


def test_groups_do_not_know_of_each_other():
    units, price = shop(np.repeat([-0.5, -2.5], 30))
    group = np.repeat([0, 1], 30)
    _, (low, high) = estimate(units, price, group)
    assert low.elasticity == pytest.approx(-0.5, abs=3 * low.standard_error)
    assert high.elasticity == pytest.approx(-2.5, abs=3 * high.standard_error)
    _, (alone,) = estimate(units[:30], price[:30], np.zeros(30, int))
    assert alone == low


def test_a_season_is_no_response_to_prices():
    """All prices fall in the weeks in which demand is high anyway."""
    chance = np.random.default_rng(3)
    mean = np.ones((30, PERIODS)) * 5
    mean[:, 100:120] = 50
    price = np.full((30, PERIODS), 4.0)
    price[:, 100:120] = 3
    price[::3, 200:230] = 3
    _, (found,) = estimate(chance.poisson(mean).astype(float), price, np.zeros(30, int))
    assert not found.is_significant(0.01)
    assert abs(found.elasticity) < 0.5


def test_what_is_out_of_stock_is_left_out():
    units, price = shop(-1.5, base=10)
    is_out = np.random.default_rng(4).random(units.shape) < 0.2 * (price < price.max(1)[:, None])
    cut = np.where(is_out, np.nan, units)
    _, (found,) = estimate(cut, price, np.zeros(60, int))
    assert found.elasticity == pytest.approx(-1.5, abs=3 * found.standard_error)


def test_a_product_whose_price_never_moves_has_that_of_its_group():
    units, price = shop(-1.5)
    price[7] = 5.0
    found, (group,) = estimate(units, price, np.zeros(60, int))
    assert found[7].elasticity == group.elasticity
    assert found[7].products == group.products == 59
    assert found[7].standard_error >= group.standard_error


@pytest.mark.parametrize(
    ("units", "price"),
    [
        (np.ones((3, 50)), np.full((3, 50), 2.0)),
        (np.zeros((3, 50)), np.linspace(1, 2, 150).reshape(3, 50)),
        (np.full((3, 50), np.nan), np.linspace(1, 2, 150).reshape(3, 50)),
        (np.ones((3, 50)), np.full((3, 50), np.nan)),
        (np.ones((1, 1)), np.ones((1, 1))),
    ],
)
def test_where_nothing_can_be_known_nothing_is_told(units, price):
    products, (group,) = estimate(units, price, np.zeros(len(units), int))
    for found in (group, *products):
        assert np.isnan(found.elasticity)
        assert not found.is_significant()


def test_no_products_have_no_groups():
    assert estimate(np.empty((0, 9)), np.empty((0, 9)), np.empty(0, int)) == ([], [])


def test_one_product_alone_is_judged_by_its_own_error():
    units, price = shop(-2.0, products=1, base=40)
    _, (found,) = estimate(units, price, np.zeros(1, int))
    # Its own season cannot be told from its prices.
    assert not found.is_significant() or abs(found.elasticity + 2) < 3 * found.standard_error


def test_a_price_change_changes_demand_by_a_factor_with_bounds():
    found = Response(-2.0, 0.5, 10, 1_000)
    estimate_, lower, upper = found.factor(0.8)
    assert estimate_ == pytest.approx(0.8**-2)
    assert lower == pytest.approx(0.8**-1.02)
    assert upper == pytest.approx(0.8**-2.98)
    assert found.factor(1.0) == (1, 1, 1)
    assert Response(-1.96, 1.0, 1, 9).p_value == pytest.approx(0.05, abs=1e-4)
    assert np.isnan(UNKNOWN.p_value)


@pytest.mark.parametrize("ratio", [0, -1, float("nan"), float("inf")])
def test_a_price_that_is_none_is_refused(ratio):
    with pytest.raises(ValueError, match="must be positive"):
        UNKNOWN.factor(ratio)


@pytest.mark.parametrize(
    ("units", "price"), [(-1.0, 1.0), (np.inf, 1.0), (1.0, 0.0), (1.0, -2.0), (1.0, np.inf)]
)
def test_impossible_values_are_refused(units, price):
    with pytest.raises(ValueError, match="must be finite"):
        estimate(np.full((2, 9), units), np.full((2, 9), price), np.zeros(2, int))


def test_other_shapes_are_refused():
    with pytest.raises(ValueError, match="groups"):
        estimate(np.ones((2, 9)), np.ones((2, 9)), np.zeros(3, int))
