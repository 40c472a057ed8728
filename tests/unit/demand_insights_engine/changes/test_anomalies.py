"""Unusual periods of the past."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demand_insights_engine.changes.anomalies import LEAST_PERIODS, anomalies

USUAL = [41.0, 38, 45, 40, 39, 44, 42, 37, 43, 40, 46, 38, 41, 40, 39, 43]


@pytest.mark.parametrize("units", [0.0, 3, 110, 1e9])
@pytest.mark.parametrize("at", [0, 7, 15])
def test_a_jump_is_unusual_and_its_neighbours_are_not(units, at):
    series = np.array(USUAL)
    series[at] = units
    found = anomalies(series[None])
    assert np.flatnonzero(found.is_unusual[0]).tolist() == [at]
    assert (found.score[0, at] > 0) == (units > 40)


def test_several_jumps_do_not_hide_each_other():
    series = np.array([USUAL * 3])
    series[0, [5, 20, 22, 40]] = 210, 190, 220, 2
    assert np.flatnonzero(anomalies(series).is_unusual[0]).tolist() == [5, 20, 22, 40]


@pytest.mark.parametrize("change", [-6.0, 1, 5, 12])
def test_small_changes_of_a_constant_series_are_usual(change):
    series = np.full((1, 30), 40.0)
    series[0, 12] += change
    assert not anomalies(series).is_unusual.any()


def test_poisson_counts_have_as_few_anomalies_as_chance_says():
    counts = np.random.default_rng(6).poisson(30, (500, 104)).astype(float)
    assert anomalies(counts).is_unusual.mean() < 0.003


def test_a_trend_is_usual():
    counts = np.random.default_rng(7).poisson(np.linspace(20, 300, 104), (200, 104)).astype(float)
    assert anomalies(counts).is_unusual.mean() < 0.005


def test_a_season_that_returns_is_usual_and_a_single_peak_is_not():
    chance = np.random.default_rng(8)
    mean = np.full(156, 50.0)
    mean[[50, 102, 154]] = 250
    counts = chance.poisson(mean, (200, 156)).astype(float)
    counts[0, 70] = 250
    found = anomalies(counts, cycle=52)
    assert found.is_unusual[:, [50, 102, 154]].mean() < 0.05
    assert found.is_unusual[0, 70]
    assert anomalies(counts).is_unusual[:, [50, 102, 154]].all()


def test_a_season_that_was_seen_once_is_not_known():
    counts = np.random.default_rng(9).poisson(50, (20, 60)).astype(float)
    np.testing.assert_array_equal(anomalies(counts, cycle=52).score, anomalies(counts).score)


def test_bounds_hold_what_is_usual():
    counts = np.random.default_rng(10).negative_binomial(2, 0.05, (100, 80)).astype(float)
    found = anomalies(counts)
    outside = (counts < found.lower - 1e-9) | (counts > found.upper + 1e-9)
    # Scores of what is expected to be next to zero reach beyond the bound at zero.
    assert (outside <= found.is_unusual).all()
    assert (found.lower <= found.expected).all()
    assert (found.expected <= found.upper).all()


@pytest.mark.parametrize("value", [0.0, 1, 1e12])
def test_a_constant_series_has_no_anomaly(value):
    found = anomalies(np.full((2, 20), value))
    assert not found.is_unusual.any()
    np.testing.assert_allclose(found.expected, value, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("known", range(LEAST_PERIODS))
def test_too_short_a_series_is_not_assessed(known):
    series = np.full((1, 30), np.nan)
    series[0, :known] = 5
    found = anomalies(series)
    assert np.isnan(found.score).all()
    assert not found.is_unusual.any()


def test_gaps_are_not_assessed():
    series = np.array([USUAL])
    series[0, 3] = np.nan
    found = anomalies(series)
    assert np.isnan(found.score[0, 3])
    assert not np.isnan(np.delete(found.score[0], 3)).any()


@given(st.lists(st.integers(0, 500), min_size=10, max_size=40))
def test_a_series_does_not_know_of_others_without_a_season(values):
    series = np.array([values], dtype=float)
    both = np.vstack([series, np.full((1, len(values)), 9.0)])
    np.testing.assert_array_equal(anomalies(both).score[0], anomalies(series).score[0])


@pytest.mark.parametrize("units", [-1.0, float("inf")])
def test_impossible_units_are_refused(units):
    with pytest.raises(ValueError, match="finite and not negative"):
        anomalies(np.array([[*USUAL, units]]))


@pytest.mark.parametrize("setting", [{"threshold": 0}, {"cycle": 0}, {"window": 0}])
def test_impossible_settings_are_refused(setting):
    with pytest.raises(ValueError, match="must be positive"):
        anomalies(np.array([USUAL]), **setting)
