"""Exponential smoothing of many series at once: additive errors, damped trend, no season.

The parameters of each series are those of a grid with the least squared one-step errors; season is
taken out before (`decomposition`). Source: Hyndman, Koehler, Ord and Snyder, Forecasting with
Exponential Smoothing (2008), chapter 3.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from forecasting.matrix import Floats, lengths, mean_known

LEVELS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 0.99)
"""Smoothing of the level: alpha."""
TRENDS = (0.01, 0.05, 0.15, 0.3)
"""Smoothing of the trend: beta, as a share of alpha."""
DAMPING = (0.8, 0.9, 0.95, 0.98)
"""Damping of the trend a step: phi."""
_FIRST = 10  # values that the first level and trend come from


@dataclass(frozen=True)
class Smoothed:
    """States after the history (series,), and one-step errors within it (series, time)."""

    level: Floats
    trend: Floats
    damping: Floats
    errors: Floats

    def forecast(self, horizon: int) -> Floats:
        """The level, and the trend as it fades (series, horizon)."""
        steps = np.cumsum(self.damping[:, None] ** np.arange(1, horizon + 1), axis=1)
        return self.level[:, None] + self.trend[:, None] * steps


def ses(history: Floats) -> Smoothed:
    """Simple exponential smoothing: a level without a trend."""
    return _best(history, [(alpha, 0.0, 0.0) for alpha in LEVELS])


def holt(history: Floats) -> Smoothed:
    """Holt's linear trend, damped (Gardner, McKenzie)."""
    grid = [(alpha, alpha * share, phi) for alpha, share, phi in product(LEVELS, TRENDS, DAMPING)]
    return _best(history, grid)


def _best(history: Floats, grid: list[tuple[float, float, float]]) -> Smoothed:
    """The parameters of the least squared errors; of equal ones, the first in the grid."""
    columns = np.array(grid).T[:, :, None]
    squares = np.zeros((len(grid), len(history)))
    for _, _, error in _run(history, *columns):
        squares += error**2
    alpha, beta, phi = np.array(grid)[squares.argmin(axis=0)].T
    states = list(_run(history, alpha, beta, phi))
    if not states:
        unknown = np.full(len(history), np.nan)
        return Smoothed(unknown, unknown, phi, history)
    errors = np.stack([error for _, _, error in states], axis=1)
    level, trend, _ = states[-1]
    return Smoothed(level, trend, phi, np.where(np.isnan(history), np.nan, errors))


def _run(
    history: Floats, alpha: Floats, beta: Floats, phi: Floats
) -> Iterator[tuple[Floats, Floats, Floats]]:
    """Level, trend and one-step error after each column; parameters broadcast to (..., series).

    A value that is unknown is no error: the forecast stands for it.
    """
    first, slope, mean = _beginning(history)
    begin = history.shape[1] - lengths(history)
    level, trend = np.where(beta > 0, first, mean), np.where(beta > 0, slope, 0.0)
    known = ~np.isnan(history)
    for column, (value, is_known) in enumerate(zip(history.T, known.T, strict=True)):
        faded = phi * trend
        expected = level + faded
        error = np.where(is_known, value - expected, 0.0)
        begun = column >= begin
        level = np.where(begun, expected + alpha * error, level)
        trend = np.where(begun, faded + beta * error, trend)
        yield level, trend, error


def _beginning(history: Floats) -> tuple[Floats, Floats, Floats]:
    """Of the first values: their line before the first one, its slope a step, and their mean."""
    begin = history.shape[1] - lengths(history)
    columns = begin[:, None] + np.arange(_FIRST)
    inside = columns < history.shape[1]
    rows = np.arange(len(history))[:, None]
    padded = np.pad(history, ((0, 0), (0, 1)), constant_values=np.nan)
    values = padded[rows, np.where(inside, columns, history.shape[1])]
    steps = np.where(np.isnan(values), np.nan, np.arange(1.0, _FIRST + 1))
    centre, middle = mean_known(steps), mean_known(values)
    away = np.nan_to_num(steps - centre[:, None])
    power = (away**2).sum(axis=1)
    slope = (away * np.nan_to_num(values)).sum(axis=1) / np.where(power > 0, power, 1.0)
    return middle - slope * centre, slope, middle
