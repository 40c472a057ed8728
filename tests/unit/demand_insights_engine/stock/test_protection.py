"""The demand that an order protects against."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datalake.contracts.insights.stock import STOCK_LEVELS
from demand_insights_engine.stock.lead_time import LeadTime
from demand_insights_engine.stock.policy import MOST_UNITS, Terms, policy
from demand_insights_engine.stock.protection import (
    LEAST_HISTORY,
    ORIGINS,
    inverse,
    protection,
    samples,
    windows,
)
from demand_insights_engine.stock.simulation import simulate

LEAD = LeadTime((1, 2, 3), (0.25, 0.5, 0.25))


def demand(mean=20, size=2, products=300, periods=80, seed=1):
    chance = np.random.default_rng(seed)
    return chance.negative_binomial(size, size / (size + mean), (products, periods)).astype(float)


@pytest.mark.parametrize("level", [0.6, 0.8, 0.95])
def test_the_service_level_is_reached(level):
    terms = Terms(service_level=level)
    found = protection(demand()[:, :50], 4)
    points = policy(samples(found.quantiles, LEAD), terms).reorder_point
    reached = simulate(demand(seed=2).astype(int), lambda _: points, terms, LEAD)
    assert reached.service.mean() == pytest.approx(level, abs=0.03)
    assert found.origins == (ORIGINS,) * 4


def test_demand_that_rose_is_protected():
    """Windows of the past are too low; what exceeded them lately corrects them."""
    history = demand() * np.where(np.arange(80) < 50, 1, 2)
    found = protection(history[:, :75], 1)
    assert (history[:, 75:] <= found.quantiles[:, 0, [-4]]).mean() == pytest.approx(0.95, abs=0.03)


def test_each_pattern_has_its_own_factor():
    rare = np.where(np.random.default_rng(4).random((300, 80)) < 0.2, demand(seed=3), 0)
    found = protection(np.concatenate([demand(), rare]), 2)
    alone = protection(demand(), 2)
    np.testing.assert_allclose(found.quantiles[:300], alone.quantiles, rtol=0.1)


def test_the_future_changes_nothing():
    history = demand()
    changed = history.copy()
    changed[:, 50:] = 1e6
    first, second = (protection(h[:, :50], 3).quantiles for h in (history, changed))
    np.testing.assert_array_equal(first, second)


@given(st.lists(st.lists(st.integers(0, 99), min_size=12, max_size=12), min_size=1, max_size=4))
@settings(max_examples=25)
def test_quantiles_never_cross_and_never_fall_with_more_weeks(units):
    quantiles = protection(np.array(units, dtype=float), 5).quantiles
    assert (np.diff(quantiles, axis=2) >= 0).all()
    assert (np.diff(quantiles, axis=1) >= 0).all()
    assert quantiles.min() >= 0


@pytest.mark.parametrize("periods", [1, 3, LEAST_HISTORY])
def test_a_short_history_is_not_corrected(periods):
    found = protection(demand(periods=periods), 4)
    assert found.origins == (0,) * 4
    assert np.isfinite(found.quantiles).all()


@pytest.mark.parametrize("history", [np.zeros((3, 40)), np.full((3, 40), np.nan)])
def test_what_nobody_buys_needs_nothing(history):
    assert protection(history, 3).quantiles.max() == 0


def test_a_constant_demand_needs_its_sum():
    found = protection(np.full((2, 40), 5.0), 3)
    assert policy(samples(found.quantiles, LeadTime.fixed(2)), Terms()).order_up_to.tolist() == [
        15,
        15,
    ]


@pytest.mark.parametrize(
    "history", [np.empty((2, 0)), np.full((2, 9), -1.0), np.full((2, 9), np.inf)]
)
def test_an_impossible_history_is_refused(history):
    with pytest.raises(ValueError, match="history"):
        protection(history, 2)


def test_samples_have_the_quantiles_of_each_lead_time():
    quantiles = np.sort(np.random.default_rng(1).gamma(2, 9, (2, 3, len(STOCK_LEVELS))), axis=-1)
    quantiles = np.maximum.accumulate(quantiles, axis=1)
    found = samples(quantiles, LeadTime((0, 2), (0.5, 0.5)), count=10_000)
    for part, week in ((found[:, :5_000], 0), (found[:, 5_000:], 2)):
        of_part = np.quantile(part, STOCK_LEVELS, axis=1).T
        np.testing.assert_allclose(of_part, quantiles[:, week], rtol=0.01)


def test_huge_demand_is_cut_to_what_can_be_ordered():
    assert samples(np.full((1, 2, len(STOCK_LEVELS)), 1e14), LeadTime.fixed(1)).max() == MOST_UNITS


@pytest.mark.parametrize(("lead", "review"), [(3, 1), (1, 3), (1, 0)])
def test_a_time_without_quantiles_is_refused(lead, review):
    with pytest.raises(ValueError, match="quantiles are of at most 3"):
        samples(np.ones((1, 3, len(STOCK_LEVELS))), LeadTime.fixed(lead), review)


def test_the_upper_tail_goes_on():
    """From the median on the quantiles of an exponential distribution rise by 1 each e-fold."""
    quantiles = -np.log(1 - np.array(STOCK_LEVELS))
    assert inverse(np.array([0.999]), quantiles)[0] == pytest.approx(np.log(1_000))


def test_windows_by_hand():
    history = np.array([[1.0, 2, 3, 4], [np.nan, 6, np.nan, 2]])
    assert windows(history, 3).tolist() == [[6, 9], [14, 12]]
    assert windows(history[:, :2], 3).tolist() == [[4, 5], [18, 18]]
