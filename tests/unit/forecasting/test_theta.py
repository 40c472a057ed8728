"""Theta by hand and its laws."""

from __future__ import annotations

import numpy as np

from forecasting import exponential
from forecasting.theta import theta

NAN = np.nan


def test_it_averages_the_line_and_the_smoothed_double_curvature() -> None:
    series = np.random.default_rng(5).gamma(4, 10, 30)
    slope, start = np.polyfit(range(30), series, 1)
    line = start + slope * np.arange(33)
    curved = exponential.ses((2 * series - line[:30])[None]).forecast(3)[0]
    np.testing.assert_allclose(theta(series[None], 3)[0], (line[30:] + curved) / 2)


def test_a_line_goes_on_with_half_its_slope() -> None:
    series = np.vstack([np.arange(20.0), np.r_[np.full(5, NAN), np.arange(15.0)]])
    np.testing.assert_allclose(theta(series, 2), [[19.5, 20], [14.5, 15]], atol=0.05)


def test_hostile_series() -> None:
    series = np.array([[NAN, NAN, NAN], [NAN, NAN, 4.0], [4.0, 4.0, 4.0]])
    np.testing.assert_allclose(theta(series, 2), [[NAN, NAN], [4, 4], [4, 4]])
    assert np.isnan(theta(np.empty((1, 0)), 2)).all()
