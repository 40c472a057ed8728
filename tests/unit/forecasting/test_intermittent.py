"""Croston's family against the recursions written out; the bootstrap's moments."""

from __future__ import annotations

import numpy as np
import pytest

from forecasting import intermittent

NAN = np.nan
METHODS = [intermittent.croston, intermittent.sba, intermittent.tsb]
SPARSE = np.random.default_rng(2).poisson(0.5, 80) * 4.0


def written_out(series: np.ndarray, alpha: float, beta: float, method: str) -> tuple[float, float]:
    """The last forecast and the sum of squared one-step errors."""
    size = series[series > 0].mean()
    probability = ((series > 0).sum() + 0.5) / (len(series) + 1)
    interval, waited, squares = 1 / probability, 1, 0.0
    factor = 1 - beta / 2 if method == "sba" else 1.0
    for value in series:
        forecast = size * probability if method == "tsb" else factor * size / interval
        squares += (value - forecast) ** 2
        probability += beta * ((value > 0) - probability)
        if value > 0:
            size += alpha * (value - size)
            interval += beta * (waited - interval)
            waited = 1
        else:
            waited += 1
    return (size * probability if method == "tsb" else factor * size / interval), squares


@pytest.mark.parametrize("method", METHODS)
def test_the_best_of_the_grid_forecasts(method) -> None:
    grid = (0.02, 0.05, 0.1, 0.2, 0.3)
    expected = min(
        (written_out(SPARSE, alpha, beta, method.__name__) for alpha in grid for beta in grid),
        key=lambda found: found[1],
    )[0]
    np.testing.assert_allclose(method(SPARSE[None], 2), [[expected] * 2])


@pytest.mark.parametrize("method", METHODS)
def test_hostile_series(method) -> None:
    series = np.array([[NAN] * 4, [0.0] * 4, [NAN, NAN, NAN, 6.0], [5.0] * 4, [0, 1e12, NAN, 0]])
    found = method(series, 3)
    assert np.isnan(found[0]).all()
    np.testing.assert_allclose(found[1], 0)
    assert (found[2:] > 0).all()
    assert np.isfinite(found[1:]).all()
    assert np.isnan(method(np.empty((1, 0)), 3)).all()


def test_tsb_forgets_what_sells_no_more_and_croston_does_not() -> None:
    ended = np.r_[SPARSE, np.zeros(60)][None]
    assert intermittent.tsb(ended, 1) < 0.5 * intermittent.croston(ended, 1)


@pytest.mark.parametrize("method", METHODS)
def test_forecasts_follow_the_unit(method) -> None:
    np.testing.assert_allclose(method(8 * SPARSE[None], 2), 8 * method(SPARSE[None], 2))


def test_paths_have_the_rates_and_sizes_of_the_series() -> None:
    paths = intermittent.bootstrap(SPARSE[None], 6, 4000, seed=1)
    assert paths.shape == (1, 4000, 6)
    assert (paths >= 0).all()
    assert paths.mean() == pytest.approx(SPARSE.mean(), rel=0.15)
    assert (paths > 0).mean() == pytest.approx((SPARSE > 0).mean(), abs=0.04)
    np.testing.assert_array_equal(paths, intermittent.bootstrap(SPARSE[None], 6, 4000, seed=1))


def test_demand_that_comes_in_runs_is_drawn_in_runs() -> None:
    runs = np.tile(np.repeat([0.0, 9.0], 10), 6)[None]
    paths = intermittent.bootstrap(runs, 12, 2000, seed=1) > 0
    assert (paths[:, :, 1:] == paths[:, :, :-1]).mean() > 0.8


def test_paths_of_nothing_are_zero() -> None:
    series = np.array([[NAN, NAN], [0.0, 0.0], [NAN, 3.0]])
    paths = intermittent.bootstrap(series, 2, 10, seed=1)
    assert (paths[:2] == 0).all()
    assert (paths[2] > 0).any()
    assert (intermittent.bootstrap(np.empty((1, 0)), 2, 3, seed=1) == 0).all()
