"""Demand over a lead time that varies."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demand_insights_engine.stock.lead_time import LeadTime, demand_over, paths_of

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


def test_a_fixed_lead_time_does_not_vary():
    lead = LeadTime.fixed(3)
    assert (lead.mean, lead.variance, lead.longest) == (3, 0, 3)


def test_past_lead_times_are_counted():
    lead = LeadTime.observed([2, 5, 2, 3])
    assert lead == LeadTime((2, 3, 5), (0.5, 0.25, 0.25))
    assert lead.mean == 3
    assert lead.variance == pytest.approx(1.5)


@given(st.floats(0.5, 60), st.floats(0.3, 1))
def test_a_gamma_lead_time_has_its_mean_and_deviation(mean, relative):
    deviation = mean * relative
    lead = LeadTime.of(mean, deviation)
    # Rounding to whole periods and the tails left out move both a little.
    assert lead.mean == pytest.approx(mean, rel=0.02, abs=0.3)
    assert lead.variance**0.5 == pytest.approx(deviation, rel=0.06, abs=0.35)


@pytest.mark.parametrize(("mean", "expected"), [(0, 0), (2, 2), (2.4, 2), (30, 30)])
def test_a_lead_time_without_deviation_is_fixed(mean, expected):
    assert LeadTime.of(mean, 0) == LeadTime.fixed(expected)


@pytest.mark.parametrize(
    ("periods", "probabilities", "named"),
    [
        ((), (), "at least one"),
        ((1, 2), (1.0,), "at least one"),
        ((-1,), (1.0,), "ascending"),
        ((2, 1), (0.5, 0.5), "ascending"),
        ((1, 1), (0.5, 0.5), "ascending"),
        ((1, 2), (0.5, 0.6), "add up to 1"),
        ((1, 2), (1.5, -0.5), "add up to 1"),
        ((1,), (float("nan"),), "add up to 1"),
    ],
)
def test_an_impossible_lead_time_is_refused(periods, probabilities, named):
    with pytest.raises(ValueError, match=named):
        LeadTime(periods, probabilities)


@pytest.mark.parametrize(
    ("mean", "deviation"), [(-1, 0), (1, -1), (float("nan"), 0), (1, float("inf"))]
)
def test_a_lead_time_that_is_no_time_is_refused(mean, deviation):
    with pytest.raises(ValueError, match="finite and not negative"):
        LeadTime.of(mean, deviation)


def test_no_past_lead_times_are_refused():
    with pytest.raises(ValueError, match="at least one"):
        LeadTime.observed([])


def test_demand_is_summed_over_lead_time_and_review():
    paths = np.array([[1.0, 2, 3, 4], [10, 20, 30, 40]])
    assert demand_over(paths, LeadTime.fixed(2), review=1).tolist() == [6, 60]
    assert demand_over(paths, LeadTime.fixed(0), review=1).tolist() == [1, 10]
    assert demand_over(paths, LeadTime.fixed(0), review=0).tolist() == [0, 0]


def test_each_lead_time_has_its_share_of_the_samples():
    paths = np.ones((400, 4))
    found = demand_over(paths, LeadTime((1, 2, 3), (0.25, 0.5, 0.25)), review=1)
    assert np.unique(found, return_counts=True)[1].tolist() == [100, 200, 100]


def test_lead_times_do_not_follow_the_order_of_the_paths():
    size = np.arange(1_000.0)
    found = demand_over(size[:, None] * np.ones((1_000, 16)), LeadTime.of(4, 1.5), review=0)
    lead = found[1:] / size[1:]
    assert abs(np.corrcoef(size[1:], lead)[0, 1]) < 0.05


def test_a_varying_lead_time_has_the_textbook_variance():
    chance = np.random.default_rng(3)
    paths = chance.normal(100, 20, (40_000, 6))
    lead = LeadTime((1, 2, 4), (0.3, 0.4, 0.3))
    expected = (lead.mean + 1) * 20**2 + 100**2 * lead.variance
    assert demand_over(paths, lead, review=1).var() == pytest.approx(expected, rel=0.03)


def test_paths_that_are_too_short_are_refused():
    with pytest.raises(ValueError, match="paths of 3 periods; 4 are needed"):
        demand_over(np.ones((5, 3)), LeadTime.fixed(3), review=1)


def test_a_negative_review_is_refused():
    with pytest.raises(ValueError, match="negative"):
        demand_over(np.ones((5, 3)), LeadTime.fixed(1), review=-1)


@given(
    st.lists(st.floats(0, 1e6), min_size=5, max_size=5),
    st.floats(-0.9, 0.9),
)
def test_paths_have_the_quantiles_that_they_are_made_of(values, correlation):
    quantiles = np.sort(np.array([values, values[::-1]]), axis=-1)
    paths = paths_of(quantiles, LEVELS, correlation, count=1_000)
    # Halfway between two samples, where rounding decides nothing.
    found = np.quantile(paths, LEVELS, axis=0, method="hazen").T
    assert paths.shape == (1_000, 2)
    assert paths.min() >= 0
    np.testing.assert_allclose(found, quantiles, rtol=0.01, atol=1e-6 + 2e-2 * quantiles.max())


def test_neighbouring_periods_have_the_correlation():
    quantiles = np.tile([20.0, 80, 100, 120, 180], (2, 1))
    for correlation in (0.0, 0.6, -0.6):
        paths = paths_of(quantiles, LEVELS, correlation, count=5_000)
        assert np.corrcoef(paths.T)[0, 1] == pytest.approx(correlation, abs=0.06)


def test_the_upper_tail_goes_on():
    """From .5 to .95 the quantiles of an exponential distribution rise by ln 10 each e-fold."""
    levels = (0.05, 0.25, 0.5, 0.75, 0.9, 0.95)
    quantiles = -np.log(1 - np.array([levels]))
    paths = paths_of(quantiles, levels, count=10_000)
    assert np.quantile(paths, 0.999) == pytest.approx(np.log(1_000), rel=0.02)


@pytest.mark.parametrize("value", [0.0, 7.0])
def test_certain_demand_has_no_tail(value):
    paths = paths_of(np.full((3, 5), value), LEVELS)
    assert paths.max() == value


def test_paths_are_the_same_each_time_and_by_product():
    quantiles = np.sort(np.random.default_rng(1).gamma(2, 9, (4, 3, 5)), axis=-1)
    paths = paths_of(quantiles, LEVELS, 0.3)
    np.testing.assert_array_equal(paths, paths_of(quantiles, LEVELS, 0.3))
    np.testing.assert_array_equal(paths[2], paths_of(quantiles[2], LEVELS, 0.3))


@pytest.mark.parametrize(
    ("levels", "correlation", "named"),
    [
        ((0.5,), 0.0, "two or more"),
        ((0.5, 0.4, 0.6, 0.7, 0.8), 0.0, "ascending"),
        ((0.0, 0.4, 0.6, 0.7, 0.8), 0.0, "between 0 and 1"),
        ((0.1, 0.4), 0.0, "5 quantiles for 2 levels"),
        (LEVELS, 1.0, "correlation"),
        (LEVELS, float("nan"), "correlation"),
    ],
)
def test_quantiles_of_another_form_are_refused(levels, correlation, named):
    with pytest.raises(ValueError, match=named):
        paths_of(np.ones((2, 5)), levels, correlation)
