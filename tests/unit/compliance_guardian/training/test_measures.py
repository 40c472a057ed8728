"""Means and intervals over weeks."""

from math import log

import numpy as np
import pytest


@pytest.fixture(scope="module")
def measures(training_module):
    return training_module("measures")


@pytest.mark.parametrize(
    ("values", "half"),
    [
        ([0.7], None),
        ([0.7, 0.7, 0.7], 0.0),
        ([0.6, 0.8], 12.71 * 0.1),
        ([1, 2, 3, 4], 3.18 * 0.645),
    ],
)
def test_the_interval_of_a_mean_is_students(measures, values, half):
    assert measures.spread(values) == (None if half is None else pytest.approx(half, abs=2e-3))


def test_many_weeks_have_nearly_a_normal_interval(measures):
    assert measures.spread([0.0, 1.0] * 10) == pytest.approx(1.96 * 0.513 / 20**0.5, abs=1e-3)


def test_means_are_by_measure(measures):
    assert measures.mean([{"a": 1.0, "b": 0.0}, {"a": 3.0, "b": 1.0}]) == {"a": 2.0, "b": 0.5}


def test_the_logarithmic_loss_stays_finite(measures):
    fraud = np.array([True, False])
    assert measures.log_loss(fraud, np.array([0.5, 0.25])) == pytest.approx(
        -(log(0.5) + log(0.75)) / 2
    )
    assert measures.log_loss(fraud, np.array([0.0, 0.0])) == pytest.approx(-log(1e-6) / 2)
