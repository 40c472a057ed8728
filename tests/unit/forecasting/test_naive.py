"""Naive forecasts by hand."""

from __future__ import annotations

import numpy as np

from forecasting import naive

NAN = np.nan


def test_the_last_value_goes_on() -> None:
    history = np.array([[1.0, 2, 3], [NAN, 5, NAN], [NAN, NAN, NAN]])
    np.testing.assert_array_equal(naive.naive(history, 2), [[3, 3], [5, 5], [NAN, NAN]])


def test_the_last_value_of_the_season_goes_on() -> None:
    history = np.array([[9.0, 1, 2, 3], [9, 1, 2, NAN]])
    np.testing.assert_array_equal(naive.seasonal_naive(history, 4, 3), [[1, 2, 3, 1], [1, 2, 2, 1]])
    np.testing.assert_array_equal(naive.seasonal_naive(history, 2, 1), [[3, 3], [2, 2]])


def test_a_gap_is_filled_by_the_season_before() -> None:
    history = np.array([[5.0, 6, NAN, 8]])
    np.testing.assert_array_equal(naive.seasonal_naive(history, 2, 2), [[5, 8]])


def test_less_than_a_season_repeats_the_last_value() -> None:
    np.testing.assert_array_equal(naive.seasonal_naive(np.array([[4.0, 7]]), 3, 4), [[7, 7, 4]])
    assert np.isnan(naive.seasonal_naive(np.empty((1, 0)), 2, 4)).all()


def test_naive2_repeats_the_last_value_without_its_season() -> None:
    quarters = np.array([0.5, 1.0, 1.5, 1.0])
    history = (8 * np.tile(quarters, 6))[None]
    np.testing.assert_allclose(naive.naive2(history, 5, 4), [8 * np.r_[quarters, 0.5]])
    np.testing.assert_allclose(naive.naive2(history, 2, 1), [[8, 8]])
