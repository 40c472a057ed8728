"""How much more than a Poisson process demand varies."""

import numpy as np
import pytest

from demand_insights_engine.changes.dispersion import LEAST, MOST, sizes


@pytest.mark.parametrize("size", [0.5, 2, 10])
def test_the_size_that_made_the_counts_is_found(size):
    chance = np.random.default_rng(1)
    counts = chance.negative_binomial(size, size / (size + 20), (300, 104)).astype(float)
    assert np.median(sizes(counts)) == pytest.approx(size, rel=0.1)


def test_poisson_counts_have_a_great_size_also_with_a_trend():
    chance = np.random.default_rng(2)
    counts = chance.poisson(np.linspace(20, 80, 104), (300, 104)).astype(float)
    assert np.median(sizes(counts)) > 100


def test_a_short_series_is_taken_like_the_others():
    chance = np.random.default_rng(3)
    counts = chance.negative_binomial(2, 2 / 22, (200, 60)).astype(float)
    counts[0, :-2] = np.nan
    found = sizes(counts)
    assert found[0] == pytest.approx(np.median(found), rel=0.25)


@pytest.mark.parametrize(
    "units", [np.zeros((3, 9)), np.full((3, 9), np.nan), np.full((3, 9), 7.0), np.ones((3, 1))]
)
def test_what_does_not_vary_is_poisson(units):
    assert sizes(units).tolist() == [MOST] * 3


def test_the_size_is_bounded():
    units = np.zeros((2, 50))
    units[:, 25:27] = 1e9, 1.0
    found = sizes(units)
    assert ((found >= LEAST) & (found <= MOST)).all()


def test_no_series_have_no_size():
    assert sizes(np.empty((0, 9))).size == 0
