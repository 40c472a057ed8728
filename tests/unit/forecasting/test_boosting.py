"""One boosting for all series: what it learns, that it repeats itself, and what it leaves alone."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting.boosting import Boosting, Loss, Scaling, Settings

NAN = np.nan
PANEL = np.tile([10.0, 20, 30, 40], (20, 12)) * np.arange(1.0, 21)[:, None]


def fit(history: np.ndarray, scaling: Scaling = Scaling.LEVEL, **given) -> Boosting:
    settings = Settings(scaling=scaling, lags=8, rounds=100)
    found = Boosting.fit(history, 3, (4,), settings, **given)
    assert found is not None
    return found


@pytest.mark.parametrize("scaling", Scaling)
def test_a_season_goes_on(scaling: Scaling) -> None:
    found = fit(PANEL, scaling).forecast(PANEL)
    np.testing.assert_allclose(found, PANEL[:, :3], rtol=0.2)


def test_the_same_history_gives_the_same_bytes() -> None:
    assert fit(PANEL).forecast(PANEL).tobytes() == fit(PANEL).forecast(PANEL).tobytes()


@pytest.mark.parametrize("scaling", Scaling)
def test_forecasts_follow_the_unit(scaling: Scaling) -> None:
    found = fit(PANEL, scaling)
    np.testing.assert_allclose(found.forecast(8 * PANEL), 8 * found.forecast(PANEL), rtol=0.05)


def test_what_is_known_ahead_counts() -> None:
    known = np.random.default_rng(1).integers(0, 2, (20, 51, 1)).astype(float)
    history = 10 + 10 * known[:, :48, 0]
    found = fit(history, known=known).forecast(history, known)
    assert found[known[:, 48:, 0] == 1].mean() > found[known[:, 48:, 0] == 0].mean() + 5


def test_the_mean_of_demand_is_above_its_median() -> None:
    history = np.random.default_rng(2).lognormal(0, 1, (30, 60))
    settings = [Settings(loss, lags=8, rounds=30) for loss in (Loss.MEDIAN, Loss.DEMAND)]
    median, mean = (
        found.forecast(history) for one in settings if (found := Boosting.fit(history, 3, (), one))
    )
    assert mean.mean() > 1.2 * median.mean()


def test_shallow_trees_find_a_centre_between_median_and_mean() -> None:
    history = np.random.default_rng(3).lognormal(3, 1, (60, 60))
    found = Boosting.fit(history, 3, (), Settings.shallow(Loss.HUBER, 8))
    assert found is not None
    forecast = found.forecast(history)
    assert np.median(history) < np.median(forecast) < history.mean()


@pytest.mark.parametrize("history", [np.empty((2, 0)), np.full((2, 9), NAN), np.ones((1, 2))])
def test_nothing_to_learn_from_is_no_model(history: np.ndarray) -> None:
    assert Boosting.fit(history, 2) is None


def test_hostile_series_beside_others() -> None:
    history = PANEL.copy()
    history[0], history[1], history[2, :-1], history[3, -1] = NAN, 0.0, NAN, NAN
    found = fit(history).forecast(history)
    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1:]).all()
