"""What is learned of series whose best method is known."""

import numpy as np
import pytest

from forecasting.members import BASELINE


@pytest.fixture(scope="module")
def group(training_module):
    return training_module("data").Group


@pytest.fixture(scope="module")
def learn(training_module):
    return training_module("beliefs").learn


def belief(learn, group, values, name, *, is_demand=False):
    return learn([group(1, is_demand, values[:, :-6], values[:, -6:])]).beliefs[name]


def test_a_walk_is_best_forecast_by_its_last_value_and_widens_with_the_root_of_time(learn, group):
    walks = np.cumsum(np.random.default_rng(3).normal(0, 1, (300, 66)), axis=1)
    found = belief(learn, group, walks, "long other")
    assert found.growth == pytest.approx(0.5, abs=0.1)
    assert min(found.candidates[1].values()) == pytest.approx(1, abs=0.03)
    # Normal: 80 % lie within 1.28 standard deviations, which are 1.25 mean absolute errors.
    low, high = found.errors[6], found.errors[-7]
    assert (low, high) == pytest.approx((-1.6, 1.6), abs=0.2)


def test_noise_is_best_forecast_by_its_level_and_does_not_widen(learn, group):
    noise = np.random.default_rng(3).normal(50, 5, (300, 66))
    found = belief(learn, group, noise, "long other")
    assert found.growth == pytest.approx(0, abs=0.05)
    assert "level" in next(iter(found.candidates[1]))
    assert next(iter(found.candidates[1].values())) < 0.8


def test_trends_are_best_forecast_by_a_trend(learn, group):
    random = np.random.default_rng(3)
    trends = np.arange(66.0) * random.uniform(1, 3, (200, 1)) + random.normal(0, 1, (200, 66))
    found = belief(learn, group, trends, "long other")
    assert set(next(iter(found.candidates[1]))) <= {"damped trend", "theta"}


def test_candidates_are_few_the_best_first_and_have_the_baseline(learn, group):
    rare = np.random.default_rng(3).poisson(0.2, (200, 66)).astype(float)
    found = belief(learn, group, rare, "long intermittent", is_demand=True)
    for candidates in found.candidates.values():
        assert candidates[BASELINE,] == 1
        assert len(candidates) <= 11
        errors = [error for members, error in candidates.items() if members != (BASELINE,)]
        assert errors == sorted(errors)
