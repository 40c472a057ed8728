"""Tests of a competition that stand in another series."""

import numpy as np
import pytest


@pytest.fixture(scope="module")
def recurs(training_module):
    return training_module("recurrence").recurs


def noise(series, columns=80, seed=4):
    return np.random.default_rng(seed).normal(100, 5, (series, columns))


@pytest.mark.parametrize("other", [lambda test: test, lambda test: 3 * test + 20])
def test_a_copy_in_another_unit_or_at_another_time_recurs(recurs, other):
    history, actual = noise(5), noise(5, 12, seed=5) + 3
    history[3, 20:32] = other(actual[1])

    assert recurs(history, actual).tolist() == [False, True, False, False, False]


def test_two_tests_alike_both_recur(recurs):
    history, actual = noise(3), noise(3, 12, seed=5)
    actual[2] = 2 * actual[0]

    assert recurs(history, actual).tolist() == [True, False, True]


def test_what_recurs_in_the_series_itself_is_no_copy(recurs):
    history, actual = noise(2), noise(2, 12, seed=5)
    history[0, -12:] = actual[0]

    assert not recurs(history, actual).any()


def test_a_mirror_image_is_no_copy(recurs):
    history, actual = noise(2), noise(2, 12, seed=5)
    history[1, 20:32] = 200 - actual[0]

    assert not recurs(history, actual).any()


def test_flat_short_and_unknown_tests_recur_nowhere(recurs):
    history, actual = noise(3), noise(3, 12, seed=5)
    history[:2], actual[:2] = 7.0, 7.0
    actual[2, 4] = np.nan
    assert not recurs(history, actual).any()
    assert not recurs(np.empty((2, 0)), noise(2, 6)).any()


def test_too_many_series_are_not_compared(recurs, monkeypatch, training_module):
    monkeypatch.setattr(training_module("recurrence"), "_MOST_PRODUCTS", 10)

    assert recurs(noise(2), noise(2, 12, seed=5)) is None
