"""Conformal quantiles: coverage, order, and what bounds them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.quantiles import LEVELS, conformal


def test_coverage_is_the_one_asked_for() -> None:
    random = np.random.default_rng(1)
    past, future = random.normal(size=(2, 4000, 2))
    found = conformal(np.zeros((4000, 2)), np.ones(4000), past, LEVELS, is_demand=False)
    inside = (found[:, :, 1] <= future) & (future <= found[:, :, -2])
    assert inside.mean() == pytest.approx(0.8, abs=0.02)


@given(st.integers(0, 10**6), st.booleans())
def test_quantiles_never_cross_and_demand_is_never_negative(seed: int, is_demand: bool) -> None:
    random = np.random.default_rng(seed)
    median, errors = random.gamma(1, 5, (3, 2)), random.standard_cauchy((30, 2))
    found = conformal(median, np.ones(3), errors, LEVELS, is_demand)
    assert (np.diff(found, axis=2) >= 0).all()
    np.testing.assert_array_equal(found[:, :, LEVELS.index(0.5)], median)
    if is_demand:
        assert (found >= 0).all()


def test_without_errors_the_median_stands() -> None:
    found = conformal(np.ones((1, 2)), np.ones(1), np.empty((0, 2)), LEVELS, is_demand=True)
    np.testing.assert_array_equal(found, 1)
