"""Unusual periods of the past, robustly and by season.

The usual demand of a period is the running median of its neighbours times the factor of its season;
neither moves with a few unusual periods. Distances are taken on the scale 2 sqrt(x + 3/8), on which
Poisson counts have a standard deviation of 1 (Anscombe, 1948), so the scale of a series is never
below 1: chance alone is never unusual, however constant a series looks. Above 1 it is the median
absolute deviation (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

THRESHOLD = 3.5
"""Robust standard deviations beyond which Iglewicz and Hoaglin call a value an outlier."""
LEAST_PERIODS = 8
"""With fewer known periods, a median says little."""
WINDOW = 13
"""Neighbours of the running median, in periods: a quarter of weeks."""
_SIGMA_PER_MAD = 1.4826  # of a normal distribution
_CYCLES = 2  # a season that was seen once cannot be told from chance


@dataclass(frozen=True)
class Anomalies:
    """Of each series and period: `expected` units with the bounds `lower` and `upper` of what is
    usual, the `score` in robust standard deviations, and whether the period `is_unusual`; nan and
    False where units are not known or the series is too short."""

    expected: Floats
    lower: Floats
    upper: Floats
    score: Floats
    is_unusual: Bools


def anomalies(
    units: Floats, cycle: int | None = None, threshold: float = THRESHOLD, window: int = WINDOW
) -> Anomalies:
    """Assess every period of `units` (series, periods), nan where not known.

    `cycle` is the number of periods after which seasons return, such as 52; it counts once the
    series have two cycles. Raises ValueError for negative or infinite units, and for a threshold,
    a cycle or a window that is not positive.
    """
    if threshold <= 0 or window < 1 or (cycle is not None and cycle < 1):
        raise ValueError("threshold, cycle and window must be positive")
    if (units < 0).any() or np.isinf(units).any():
        raise ValueError("units must be finite and not negative")
    assessed = np.where(((~np.isnan(units)).sum(axis=1) >= LEAST_PERIODS)[:, None], units, np.nan)
    season = _season(assessed, cycle)
    level = _running_median(assessed / season, window)
    usual = 2 * np.sqrt(np.maximum(level * season, 0) + 0.375)
    distance = 2 * np.sqrt(assessed + 0.375) - usual
    deviation = _SIGMA_PER_MAD * _median(np.abs(distance), axis=1)
    scale = np.fmax(deviation, 1.0)[:, None]
    score = distance / scale
    return Anomalies(
        expected=_units(usual),
        lower=_units(usual - threshold * scale),
        upper=_units(usual + threshold * scale),
        score=score,
        is_unusual=np.abs(np.nan_to_num(score)) > threshold,
    )


def _units(scaled: Floats) -> Floats:
    return np.maximum((np.maximum(scaled, 0) / 2) ** 2 - 0.375, 0)


def _season(units: Floats, cycle: int | None) -> Floats:
    """Factors of the seasons that all series have in common, by period; 1 without two cycles.

    The median over series of each one's share of its own mean; a season is the median over
    cycles, so one extraordinary week of the shop does not make one.
    """
    periods = units.shape[1]
    if cycle is None or cycle < 2 or periods < _CYCLES * cycle:
        return np.ones(periods)
    total = np.nansum(units, axis=0)
    level = _running_median(total[None], min(cycle + 1 - cycle % 2, periods))[0]
    ratio = np.divide(total, level, out=np.ones(periods), where=level > 0)
    phase = np.arange(periods) % cycle
    factors = np.array([np.median(ratio[phase == at]) for at in range(cycle)])
    mean = factors.mean()
    return np.asarray(np.maximum(factors / mean if mean > 0 else factors, 0.05)[phase])


def _running_median(units: Floats, window: int) -> Floats:
    """The median of the `window` known periods around each, fewer at the ends."""
    half = window // 2
    padded = np.pad(units, ((0, 0), (half, half)), constant_values=np.nan)
    return _median(np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1, axis=1), axis=-1)


def _median(values: Floats, axis: int) -> Floats:
    """The median of known values; nan without any."""
    ordered = np.sort(values, axis=axis)  # nan comes last
    count = (~np.isnan(values)).sum(axis=axis)
    low, high = np.maximum(count - 1, 0) // 2, count // 2
    high = np.minimum(high, values.shape[axis] - 1)
    middle = [np.take_along_axis(ordered, np.expand_dims(at, axis), axis) for at in (low, high)]
    return np.where(count > 0, np.mean(middle, axis=0).squeeze(axis), np.nan)
