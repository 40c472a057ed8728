"""Exponential smoothing against the recursion written out, and its laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting import exponential

NAN = np.nan


def ses_errors(series: list[float], alpha: float) -> list[float]:
    level, errors = float(np.mean(series[:10])), []
    for value in series:
        errors.append(value - level)
        level += alpha * errors[-1]
    return errors


def test_ses_takes_the_parameter_of_the_least_squared_errors() -> None:
    series = [float(value) for value in np.random.default_rng(3).normal(50, 5, 60).cumsum()]
    found = exponential.ses(np.array([series]))
    best = min(
        (ses_errors(series, alpha) for alpha in exponential.LEVELS),
        key=lambda errors: sum(error**2 for error in errors),
    )
    np.testing.assert_allclose(found.errors[0], best)


def test_holt_follows_a_line_and_fades() -> None:
    found = exponential.holt(np.arange(1.0, 60)[None]).forecast(400)[0]
    assert found[0] == pytest.approx(60, rel=0.01)
    steps = np.diff(found)
    assert (np.diff(steps) < 0).all()
    assert steps[-1] < 0.01


@pytest.mark.parametrize("smooth", [exponential.ses, exponential.holt])
class TestLaws:
    @given(st.integers(0, 10**6), st.floats(0.01, 100), st.floats(-50, 50))
    def test_forecasts_follow_unit_and_level(self, smooth, seed, unit, shift) -> None:
        series = np.random.default_rng(seed).gamma(2, 10, (2, 30))
        expected = smooth(series).forecast(3) * unit + shift
        np.testing.assert_allclose(smooth(series * unit + shift).forecast(3), expected)

    def test_a_constant_goes_on(self, smooth) -> None:
        constant = np.full((1, 12), 5.0)
        np.testing.assert_allclose(smooth(constant).errors, 0, atol=1e-9)
        np.testing.assert_allclose(smooth(constant).forecast(4), 5)

    def test_a_ragged_start_and_other_series_change_nothing(self, smooth) -> None:
        series = np.random.default_rng(1).gamma(2, 10, (1, 40))
        ragged = np.vstack([np.r_[np.full(7, NAN), series[0]], np.arange(47.0)])
        np.testing.assert_allclose(smooth(ragged).forecast(3)[:1], smooth(series).forecast(3))
        assert np.isnan(smooth(ragged).errors[0, :7]).all()

    def test_a_gap_leaves_the_state_to_the_forecast(self, smooth) -> None:
        found = smooth(np.array([[4.0, 4, 4, 4, NAN, NAN]]))
        assert np.isnan(found.errors[0, -2:]).all()
        np.testing.assert_allclose(found.forecast(2), 4)

    @pytest.mark.parametrize("series", [[], [NAN, NAN]])
    def test_nothing_known_has_no_forecast(self, smooth, series) -> None:
        assert np.isnan(smooth(np.array([series], dtype=float)).forecast(2)).all()

    def test_one_value_goes_on(self, smooth) -> None:
        np.testing.assert_allclose(smooth(np.array([[NAN, 7.0]])).forecast(2), 7)
