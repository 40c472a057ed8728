"""Measures against values computed by hand, and their laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from forecasting import measures

NAN = math.nan
VALUES = arrays(np.float64, (3, 4), elements=st.floats(0.01, 1e6))


def row(*values: float) -> np.ndarray:
    return np.array([values])


def test_smape_is_symmetric_and_in_percent() -> None:
    # |100 - 150| / 125 and |200 - 200| / 200, of mean .2
    assert measures.smape(row(100, 200), row(150, 200)) == pytest.approx(20)
    assert measures.smape(row(150, 200), row(100, 200)) == pytest.approx(20)
    assert measures.smape(row(0, 0), row(0, 5)) == pytest.approx(100)


def test_mase_scales_by_the_seasonal_naive_errors_of_the_history() -> None:
    history = row(1, 3, 2, 6)
    assert measures.naive_scale(history) == pytest.approx((2 + 1 + 4) / 3)
    assert measures.naive_scale(history, 2) == pytest.approx((1 + 3) / 2)
    found = measures.mase(row(5, 7), row(6, 4), measures.naive_scale(history, 2))
    assert found == pytest.approx((1 + 3) / 2 / 2)


def test_a_ragged_start_does_not_count() -> None:
    assert measures.naive_scale(row(NAN, NAN, 2, 6)) == pytest.approx(4)


@pytest.mark.parametrize("history", [row(), row(3), row(2, 2, 2), row(NAN, 1)])
def test_without_errors_in_the_history_nothing_scales(history: np.ndarray) -> None:
    assert np.isnan(measures.mase(row(1.0), row(2.0), measures.naive_scale(history))).all()


def test_owa_averages_ratios_of_means() -> None:
    found = measures.owa(row(10, 20), row(1, 3), row(20, 40), row(4, 4))
    assert found == pytest.approx((0.5 + 0.5) / 2)
    assert measures.owa(row(9, NAN), row(1), row(10, NAN), row(1)) == pytest.approx(0.95)


def test_pinball_weighs_the_two_sides() -> None:
    quantiles = np.array([[[4.0, 10.0]]])  # one series, one step, levels .1 and .9
    # .1 of 6 above the first, and none beside the second
    assert measures.pinball(row(10), quantiles, (0.1, 0.9)) == pytest.approx((0.6 + 0) / 2)
    assert measures.pinball(row(2), quantiles, (0.1, 0.9)) == pytest.approx((0.9 * 2 + 0.8) / 2)


@given(VALUES, VALUES)
def test_pinball_of_the_median_is_half_the_absolute_error(a: np.ndarray, f: np.ndarray) -> None:
    found = measures.pinball(a, f[:, :, None], [0.5])
    np.testing.assert_allclose(found, np.abs(a - f).mean(axis=1) / 2, rtol=1e-9)


@given(VALUES, VALUES, VALUES, st.floats(0.01, 100))
def test_scaled_measures_do_not_depend_on_the_unit(
    h: np.ndarray, a: np.ndarray, f: np.ndarray, unit: float
) -> None:
    np.testing.assert_allclose(
        measures.smape(unit * a, unit * f), measures.smape(a, f), rtol=1e-6, atol=1e-6
    )
    assume((measures.naive_scale(h) > 1e-3).all())
    np.testing.assert_allclose(
        measures.mase(unit * a, unit * f, measures.naive_scale(unit * h)),
        measures.mase(a, f, measures.naive_scale(h)),
        rtol=1e-6,
        atol=1e-9,
    )


def test_coverage_counts_bounds_as_inside() -> None:
    found = measures.coverage(row(1, 2, 3, NAN), row(1, 0, 4, 0), row(5, 2, 9, 9))
    assert found == pytest.approx(2 / 3)
    assert math.isnan(measures.coverage(row(NAN), row(0), row(1)))


def test_bias_compares_totals() -> None:
    assert measures.bias(row(10, 30, NAN), row(12, 24, 99)) == pytest.approx(-0.1)
    assert math.isnan(measures.bias(row(0, 0), row(1, 2)))
