"""What changed since last week, against chance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom, binom

from demand_insights_engine.changes.dispersion import MOST
from demand_insights_engine.changes.movers import discoveries, moves, p_no_change


def test_equal_periods_by_hand():
    """Of 4 units, 4 in the latest of two periods: P(4) = 1/16, half of it, on two sides."""
    assert p_no_change(4, 0, 1, MOST) == pytest.approx(1 / 16)
    assert p_no_change(0, 4, 1, MOST) == pytest.approx(1 / 16)
    assert p_no_change(2, 2, 1, MOST) == pytest.approx(1)


@given(st.integers(0, 60), st.integers(0, 200), st.integers(1, 8), st.floats(0.2, 50))
def test_p_values_are_those_of_the_conditional_law(latest, before, periods, size):
    total = latest + before
    for law, k in (
        (binom(total, 1 / (1 + periods)), MOST),
        (betabinom(total, size, size * periods), size),
    ):
        below, at = law.cdf(latest) - law.pmf(latest), law.pmf(latest)
        expected = min(1, 2 * (min(below, 1 - below - at) + at / 2)) if total else 1
        assert p_no_change(latest, before, periods, k) == pytest.approx(expected, abs=1e-7)


def test_dispersion_makes_the_same_change_less_telling():
    ordered = [p_no_change(30, 40, 4, size) for size in (0.5, 2, 20, MOST)]
    assert ordered == sorted(ordered, reverse=True)


def test_without_any_units_nothing_changed():
    assert p_no_change(0, 0, 4, 1.0) == 1


def test_millions_of_units_have_a_p_value():
    assert p_no_change(3_000_000, 8_000_000, 4, MOST) < 1e-6
    assert p_no_change(2_000_000, 8_000_000, 4, MOST) == pytest.approx(1, abs=0.02)


def test_benjamini_and_hochberg_by_hand():
    """Limits are .01, .02, .03, .04, .05: .021 fails at rank 2, but .029 passes at rank 3."""
    p = np.array([0.6, 0.029, 0.001, np.nan, 0.021, 0.9])
    assert discoveries(p, 0.05).tolist() == [False, True, True, False, True, False]
    assert not discoveries(np.array([np.nan]), 0.05).any()
    assert not discoveries(np.empty(0), 0.05).any()


@pytest.mark.parametrize("size", [1.0, 5.0, None])
def test_chance_alone_moves_next_to_nothing(size):
    chance = np.random.default_rng(4)
    mean = chance.gamma(1, 30, (1_000, 1)) + 1
    units = (
        chance.poisson(mean, (1_000, 60))
        if size is None
        else chance.negative_binomial(size, size / (size + mean), (1_000, 60))
    ).astype(float)
    found = moves(units)
    assert found.is_significant.sum() <= 3
    assert np.mean(found.p_value < 0.05) < 0.075


def test_great_changes_are_found_in_both_directions():
    chance = np.random.default_rng(5)
    units = chance.poisson(40, (200, 30)).astype(float)
    units[0, -1], units[1, -1] = 120, 3
    found = moves(units)
    assert np.flatnonzero(found.is_significant).tolist() == [0, 1]
    assert found.ratio[0] > 1 > found.ratio[1]
    assert found.lower[0] > 1
    assert found.upper[1] < 1
    assert (found.lower < found.ratio).all()


def test_a_percentage_of_a_small_number_is_no_news():
    units = np.tile([1.0, 0, 2, 1, 0, 1, 1, 3], (50, 1))
    found = moves(units)
    assert found.ratio[0] > 2
    assert not found.is_significant.any()


def test_the_reference_has_its_own_length_and_gaps():
    units = np.array([[9.0, 100, np.nan, 20, 10, 8], [np.nan] * 5 + [4], [np.nan] * 6])
    found = moves(units, reference=3)
    assert found.usual[0] == 15
    assert found.latest[:2].tolist() == [8, 4]
    assert np.isnan(found.p_value[1:]).all()
    assert np.isnan(found.ratio[1:]).all()


@pytest.mark.parametrize(
    "units", [np.ones((2, 1)), np.array([[1.0, -1]]), np.array([[1.0, np.inf]])]
)
def test_units_that_cannot_be_compared_are_refused(units):
    with pytest.raises(ValueError, match=r"units|periods"):
        moves(units)
