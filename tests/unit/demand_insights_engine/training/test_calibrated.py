"""Baselines have quantiles from their own errors."""

import numpy as np
import pytest

from forecasting.naive import naive

LEVELS = (0.1, 0.5, 0.9)


@pytest.fixture(scope="module")
def calibrated(training_module):
    return training_module("calibrated")


def test_quantiles_of_a_random_walk_hold_what_they_say(calibrated):
    steps = np.random.default_rng(1).normal(0, 1, (2000, 60))
    walk = steps.cumsum(axis=1)

    found = calibrated.quantiles(
        lambda past: naive(past, 4), walk[:, :56], 4, LEVELS, is_demand=False
    )

    inside = (walk[:, 56:] >= found[:, :, 0]) & (walk[:, 56:] <= found[:, :, 2])
    assert inside.mean() == pytest.approx(0.8, abs=0.04)


def test_demand_is_not_negative(calibrated):
    demand = np.random.default_rng(1).poisson(0.4, (50, 40)).astype(float)

    found = calibrated.quantiles(lambda past: naive(past, 2), demand, 2, LEVELS, is_demand=True)

    assert (found >= 0).all()


def test_the_loss_is_relative_to_the_scale_and_leaves_out_series_without_one(calibrated):
    actual = np.full((3, 2), 10.0)
    found = np.full((3, 2, 3), 8.0)

    scale = np.array([2.0, 4.0, 0.0])

    # Pinball loss of 2 too few: 2 times the mean level.
    assert calibrated.loss(actual, found, LEVELS, scale) == pytest.approx((0.5 + 0.25) / 2)
    assert np.isnan(calibrated.loss(actual, found, LEVELS, np.zeros(3)))
