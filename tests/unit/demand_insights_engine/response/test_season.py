"""Seasonal factors of a year."""

import numpy as np
import pytest

from demand_insights_engine.response.season import YEAR, seasonal_factors

DAYS = np.arange(0.0, 731, 7)
YEAR_DAYS = np.arange(0.0, 365)


def truth(amplitude, peak, day):
    raw = np.exp(amplitude * np.cos(2 * np.pi * (day - peak) / YEAR))
    return raw / np.i0(amplitude)


@pytest.mark.parametrize(("amplitude", "peak"), [(0.2, 100), (0.8, 330), (1.2, 200)])
def test_the_season_that_made_the_demand_is_found_within_its_errors(amplitude, peak):
    chance = np.random.default_rng(11)
    outside = []
    for _ in range(40):
        mean = 60 * truth(amplitude, peak, DAYS) * np.exp(0.2 * DAYS / YEAR)
        found = seasonal_factors(
            chance.negative_binomial(10, 10 / (10 + mean)).astype(float), DAYS, YEAR_DAYS
        )
        error = np.log(found.factor) - np.log(truth(amplitude, peak, YEAR_DAYS))
        outside.append(np.abs(error) > 1.96 * found.log_error)
    assert np.mean(outside) == pytest.approx(0.05, abs=0.04)


def test_a_trend_is_no_season():
    found = seasonal_factors(100 * np.exp(0.5 * DAYS / YEAR), DAYS, YEAR_DAYS)
    np.testing.assert_allclose(found.factor, 1, atol=0.01)


def test_factors_have_the_mean_one_and_do_not_depend_on_the_scale():
    units = np.random.default_rng(12).poisson(200 * truth(0.5, 40, DAYS)).astype(float)
    found = seasonal_factors(units, DAYS, YEAR_DAYS)
    assert found.factor.mean() == pytest.approx(1, abs=0.01)
    again = seasonal_factors(units * 1e6, DAYS, YEAR_DAYS)
    np.testing.assert_allclose(again.factor, found.factor, rtol=1e-3)


def test_days_that_are_not_known_are_left_out():
    units = 80 * truth(0.6, 90, DAYS)
    units[::5] = np.nan
    found = seasonal_factors(units, DAYS, YEAR_DAYS)
    np.testing.assert_allclose(found.factor, truth(0.6, 90, YEAR_DAYS), rtol=0.02)


@pytest.mark.parametrize(
    "units",
    [
        np.zeros(DAYS.size),
        np.full(DAYS.size, np.nan),
        np.where(DAYS < 365, 5.0, np.nan),
        np.where(np.arange(DAYS.size) % 20, np.nan, 5.0),
    ],
)
def test_where_no_season_can_be_known_none_is_told(units):
    found = seasonal_factors(units, DAYS, YEAR_DAYS)
    assert (found.factor == 1).all()
    assert np.isnan(found.log_error).all()


def test_half_a_year_without_any_sales_stays_finite():
    units = np.where(np.cos(2 * np.pi * DAYS / YEAR) > 0, 50.0, 0)
    found = seasonal_factors(units, DAYS, YEAR_DAYS)
    assert np.isfinite(found.factor).all()
    assert found.factor.max() > 1 > found.factor.min() >= 0


@pytest.mark.parametrize("units", [[-1.0], [float("inf")], [1.0, 2.0]])
def test_impossible_units_are_refused(units):
    with pytest.raises(ValueError, match="units"):
        seasonal_factors(np.array(units), np.zeros(1), YEAR_DAYS)
