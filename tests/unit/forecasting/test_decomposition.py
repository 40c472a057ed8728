"""The competition's test of seasonality, and classical decomposition, against R's and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting import decomposition

NAN = np.nan
QUARTERS = np.array([0.8, 1.0, 1.3, 0.9])


def seasonal(cycles: int, lead: int = 0) -> np.ndarray:
    trend = np.arange(100.0, 100 + 4 * cycles)
    return np.r_[np.full(lead, NAN), trend * np.tile(QUARTERS, cycles)][None]


def test_a_season_is_found() -> None:
    assert decomposition.is_seasonal(seasonal(8), 4).tolist() == [True]
    assert decomposition.is_seasonal(seasonal(8, lead=5), 4).tolist() == [True]


def test_the_limit_is_that_of_bartlett() -> None:
    series = np.array([[3.0, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8]])
    centred = series[0] - series.mean()
    r = [(centred[k:] * centred[:-k]).sum() / (centred**2).sum() for k in (1, 2, 3)]
    limit = 1.645 * np.sqrt((1 + 2 * (r[0] ** 2 + r[1] ** 2)) / 12)
    assert decomposition.is_seasonal(series, 3).tolist() == [abs(r[2]) > limit]


@pytest.mark.parametrize(
    ("series", "period"),
    [
        (seasonal(2), 4),  # shorter than three periods
        (seasonal(8), 1),
        (np.full((1, 40), 7.0), 4),
        (np.tile(np.arange(24.0), 3)[None], 24),  # 72 values: 18 lags
        (np.full((1, 9), NAN), 3),
        (np.empty((1, 0)), 4),
    ],
)
def test_no_season_is_found(series: np.ndarray, period: int) -> None:
    assert decomposition.is_seasonal(series, period).tolist() == [False]


def test_moving_average_halves_the_ends_of_an_even_period() -> None:
    found = decomposition.moving_average(np.array([[1.0, 2, 3, 4, 9]]), 4)
    np.testing.assert_allclose(found, [[NAN, NAN, (0.5 + 2 + 3 + 4 + 4.5) / 4, NAN, NAN]])
    found = decomposition.moving_average(np.array([[1.0, 2, 6]]), 3)
    np.testing.assert_allclose(found, [[NAN, 3, NAN]])


def test_factors_are_those_that_made_the_series() -> None:
    series = (50 * np.tile(QUARTERS, 6))[None]
    np.testing.assert_allclose(decomposition.seasonal_factors(series, 4), [QUARTERS])
    shifted = decomposition.seasonal_factors(series[:, :-1], 4)
    np.testing.assert_allclose(shifted, [np.roll(QUARTERS, 1)])


@pytest.mark.parametrize("series", [np.zeros((1, 12)), np.full((1, 3), 5.0), np.full((1, 8), NAN)])
def test_without_positive_factors_there_is_no_season(series: np.ndarray) -> None:
    np.testing.assert_array_equal(decomposition.seasonal_factors(series, 4), np.ones((1, 4)))


def test_seasons_end_with_the_last_column_and_go_on_after_it() -> None:
    values = np.array([[1.0, 2, 3, 4, 5]])
    factors = decomposition.by_season(values, 3)
    np.testing.assert_allclose(factors, [[3, (1 + 4) / 2, (2 + 5) / 2]])
    np.testing.assert_allclose(decomposition.of_past(factors, 5), factors[:, [1, 2, 0, 1, 2]])
    np.testing.assert_allclose(decomposition.of_future(factors, 4), factors[:, [0, 1, 2, 0]])


def test_a_season_is_taken_out_and_put_back() -> None:
    series = (50 * np.tile(QUARTERS, 12))[None]
    season = decomposition.Season.of(series, 4)
    np.testing.assert_allclose(season.removed(series), 50)
    np.testing.assert_allclose(
        season.added(np.full((1, 5), 50.0)), [50 * QUARTERS[[0, 1, 2, 3, 0]]]
    )


def test_a_series_with_negative_values_has_offsets() -> None:
    series = (np.tile([-3.0, 0, 5, -2], 12))[None]
    season = decomposition.Season.of(series, 4)
    np.testing.assert_allclose(season.factors, 1)
    np.testing.assert_allclose(season.removed(series), 0, atol=1e-9)


def test_chance_is_no_season() -> None:
    noise = np.random.default_rng(4).gamma(4, 10, (200, 40))
    swings = np.ptp(decomposition.Season.of(noise, 4).factors, axis=1)
    assert np.median(swings) < 0.05
    raw = np.ptp(decomposition.seasonal_factors(noise, 4), axis=1)
    assert np.median(raw) > 0.2


@pytest.mark.parametrize(
    "series",
    [
        np.zeros((1, 12)),
        np.full((1, 3), 5.0),
        np.full((1, 12), NAN),
        np.r_[np.full(8, NAN), 1.0, 2, 3, 4][None],
        np.empty((1, 0)),
    ],
)
def test_where_no_season_can_be_seen_nothing_changes(series: np.ndarray) -> None:
    season = decomposition.Season.of(series, 4)
    np.testing.assert_array_equal(season.removed(series), series)
    np.testing.assert_array_equal(season.added(np.ones((1, 6))), np.ones((1, 6)))


def test_a_season_without_any_demand_around_it_has_none() -> None:
    demand = np.zeros((1, 27))
    demand[0, [4, 19, 26]] = 69, 50, 4
    season = decomposition.Season.of(demand, 12)
    assert np.isfinite(season.factors).all()
    assert np.isfinite(season.added(np.ones((1, 13)))).all()


def test_a_season_in_which_next_to_nothing_is_sold_tells_nothing_of_the_level() -> None:
    week = [12.0, 10.0, 10.0, 10.0, 10.0, 8.0, 0.0]
    history = np.array([week * 10])

    season = decomposition.Season.of(history, 7)
    rest = season.removed(history)

    assert np.isnan(rest[0, 6::7]).all()
    np.testing.assert_allclose(np.nanmean(rest), np.mean(week), rtol=0.05)
