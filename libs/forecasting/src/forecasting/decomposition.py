"""Seasons of series: a test for them, classical decomposition, and seasons that shrink to none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.matrix import Floats, Mask, lengths, mean_known

_LEAST = 0.01  # of a factor
_TELLS = 0.1  # a factor below it makes too much of too little: a sale on a day that is closed
_CRITICAL = 1.645  # of the normal distribution: 90 %, two-sided


def is_seasonal(history: Floats, period: int) -> Mask:
    """Whether each series is seasonal, by the M4 competition's test (series,).

    It is if it is three periods long and its autocorrelation at one period lies outside of the
    90 % limits of Bartlett; the competition computes it up to 10 log10(length) lags only.
    """
    length = lengths(history)
    tested = (length >= 3 * period) & (period <= 10 * np.log10(np.maximum(length, 1)))
    if period < 2 or not tested.any():
        return np.zeros(len(history), dtype=bool)
    centred = np.nan_to_num(history - mean_known(history)[:, None])
    power = (centred**2).sum(axis=1)
    safe = np.where(power > 0, power, 1.0)
    correlations = np.stack(
        [(centred[:, lag:] * centred[:, :-lag]).sum(axis=1) / safe for lag in range(1, period + 1)]
    )
    limit = _CRITICAL * np.sqrt((1 + 2 * (correlations[:-1] ** 2).sum(axis=0)) / length.clip(1))
    seasonal: Mask = tested & (power > 0) & (np.abs(correlations[-1]) > limit)
    return seasonal


@dataclass(frozen=True)
class Season:
    """Factors of series that are never negative, offsets of others; each (series, period).

    The last column is the season of the last value of the history.
    """

    factors: Floats
    offsets: Floats

    @classmethod
    def of(cls, history: Floats, period: int) -> Season:
        """Means of each season relative to a centred moving average, shrunk to none.

        They shrink by the share of their variance that chance explains (James-Stein), to none in a
        series shorter than two periods.
        """
        shape = (len(history), period)
        none = cls(np.ones(shape), np.zeros(shape))
        if period < 2 or history.shape[1] < 2 * period:
            return none
        trend = moving_average(history, period)
        scaled: Mask = np.any(trend > 0, axis=1) & ~np.any(history < 0, axis=1)
        size = np.where(scaled[:, None], np.where(trend > 0, trend, np.nan), 1.0)
        away = _shrunk((history - trend) / size, period)
        return cls(
            np.where(scaled[:, None], np.maximum(1 + away, _LEAST), none.factors),
            np.where(scaled[:, None], none.offsets, away),
        )

    def removed(self, history: Floats) -> Floats:
        """The history without its season; NaN in seasons in which next to nothing is sold."""
        columns = history.shape[1]
        factors = of_past(np.where(self.factors < _TELLS, np.nan, self.factors), columns)
        return (history - of_past(self.offsets, columns)) / factors

    def added(self, forecast: Floats) -> Floats:
        """A forecast of the history without season, with it."""
        horizon = forecast.shape[1]
        return forecast * of_future(self.factors, horizon) + of_future(self.offsets, horizon)


def _shrunk(away: Floats, period: int) -> Floats:
    means = by_season(away, period)
    means = np.nan_to_num(means - mean_known(means)[:, None])  # 0: nothing known of a season
    rest = away - of_past(means, away.shape[1])
    counts = (~np.isnan(away)).sum(axis=1)
    noise = np.nansum(rest**2, axis=1) / np.maximum(counts - period, 1)
    chance = noise * period / np.maximum(counts, 1) / np.maximum(means.var(axis=1), 1e-300)
    kept = np.where(counts > period, np.clip(1 - chance, 0, 1), 0.0)
    shrunk: Floats = means * kept[:, None]
    return shrunk


def moving_average(history: Floats, period: int) -> Floats:
    """Centred moving average over one period (series, time); NaN at both ends.

    Of an even period, the outer two of its period + 1 values have half the weight.
    """
    weights = np.ones(period) if period % 2 else np.r_[0.5, np.ones(period - 1), 0.5]
    half = len(weights) // 2
    trend = np.full(history.shape, np.nan)
    if history.shape[1] >= len(weights):
        windows = np.lib.stride_tricks.sliding_window_view(history, len(weights), axis=1)
        trend[:, half : history.shape[1] - half] = windows @ (weights / period)
    return trend


def seasonal_factors(history: Floats, period: int) -> Floats:
    """Multiplicative seasonal factors by classical decomposition (series, period), mean 1.

    The last column is the season of the last value. Factors are 1 where one of them would have no
    value, or not be positive.
    """
    trend = moving_average(history, period)
    ratios = np.where(trend > 0, history / np.where(trend > 0, trend, 1.0), np.nan)
    factors = by_season(ratios, period)
    factors = factors / factors.mean(axis=1, keepdims=True)
    return np.where((factors > 0).all(axis=1, keepdims=True), factors, 1.0)


def by_season(values: Floats, period: int) -> Floats:
    """The mean of the known values of each season (series, period); the last one is the end's."""
    cycles = -(-values.shape[1] // period)
    padded = np.full((len(values), cycles * period), np.nan)
    if values.shape[1]:
        padded[:, -values.shape[1] :] = values
    return mean_known(padded.reshape(len(values), cycles, period))


def of_past(factors: Floats, columns: int) -> Floats:
    """Factors of `by_season`, repeated over the history (series, columns)."""
    cycles = -(-columns // factors.shape[1])
    return np.tile(factors, cycles)[:, cycles * factors.shape[1] - columns :]


def of_future(factors: Floats, horizon: int) -> Floats:
    """Factors of `by_season`, repeated over the steps after the history (series, horizon)."""
    return np.tile(factors, -(-horizon // factors.shape[1]))[:, :horizon]
