"""Quantiles from past errors."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.quantiles import LEVELS, conformal

RANDOM = np.random.default_rng(3)


def test_they_are_those_of_past_errors() -> None:
    errors = RANDOM.exponential(10, (50, 2, 4)) - 10
    found = conformal(np.full((50, 4), 100.0), np.full(50, 10.0), errors, ["a"] * 50, LEVELS)
    expected = 100 + np.quantile(errors, LEVELS)
    assert found.mean(axis=(0, 1)) == pytest.approx(expected, abs=3)


def test_series_with_larger_errors_have_wider_intervals() -> None:
    errors = RANDOM.normal(0, 1, (2, 20, 4)) * np.array([1, 10])[:, None, None]
    found = conformal(np.zeros((2, 4)), np.ones(2), errors, ["a", "a"], (0.1, 0.9))
    width = found[:, :, 1] - found[:, :, 0]
    assert (width[1] > 5 * width[0]).all()


def test_errors_that_grow_with_the_step_widen() -> None:
    errors = RANDOM.normal(0, 1, (50, 3, 4)) * np.arange(1, 5)
    found = conformal(np.zeros((50, 4)), np.ones(50), errors, ["a"] * 50, (0.1, 0.9))
    assert (np.diff(found[0, :, 1] - found[0, :, 0]) > 0).all()


def test_a_class_keeps_its_own_skew() -> None:
    skewed = RANDOM.exponential(1, (60, 2, 4)) - 1
    errors = np.concatenate([skewed, -skewed])
    found = conformal(
        np.zeros((120, 4)), np.ones(120), errors, ["up"] * 60 + ["down"] * 60, (0.05, 0.95)
    )
    assert found[0, 0, 1] > -2 * found[0, 0, 0]
    assert -found[-1, 0, 0] > 2 * found[-1, 0, 1]


def test_without_errors_a_guess_widens() -> None:
    found = conformal(np.full((1, 3), 7.0), np.ones(1), np.empty((1, 0, 3)), ["a"], LEVELS)
    assert np.isfinite(found).all()
    assert (np.diff(found[0, :, -1]) > 0).all()
    assert found[0, :, LEVELS.index(0.5)] == pytest.approx(7)


def test_errors_of_zero_give_no_width() -> None:
    found = conformal(np.full((1, 3), 7.0), np.ones(1), np.zeros((1, 2, 3)), ["a"], LEVELS)
    assert found == pytest.approx(7, abs=2.5)
