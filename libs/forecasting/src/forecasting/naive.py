"""Naive forecasts, the baselines of all others. Each returns (series, horizon)."""

from __future__ import annotations

import numpy as np

from forecasting import decomposition
from forecasting.matrix import Floats, last_known


def naive(history: Floats, horizon: int) -> Floats:
    """The last known value, at every step."""
    return np.repeat(last_known(history)[:, None], horizon, axis=1)


def seasonal_naive(history: Floats, horizon: int, period: int) -> Floats:
    """The last known value of the same season; the last known value where a season has none."""
    if history.shape[1] < period:
        history = np.pad(history, ((0, 0), (period - history.shape[1], 0)), constant_values=np.nan)
    cycles = history.shape[1] // period
    recent = history[:, history.shape[1] - cycles * period :].reshape(len(history), cycles, period)
    seasons = np.stack([last_known(recent[:, :, season]) for season in range(period)], axis=1)
    seasons = np.where(np.isnan(seasons), last_known(history)[:, None], seasons)
    return decomposition.of_future(seasons, horizon)


def naive2(history: Floats, horizon: int, period: int) -> Floats:
    """The M4 competition's Naive2: the naive forecast of the series without season, with season.

    Only a series that `decomposition.is_seasonal` has one, multiplicative.
    """
    seasonal = decomposition.is_seasonal(history, period)
    forecast = naive(history, horizon)
    if seasonal.any():
        factors = decomposition.seasonal_factors(history[seasonal], period)
        forecast[seasonal] *= decomposition.of_future(factors, horizon) / factors[:, -1:]
    return forecast
