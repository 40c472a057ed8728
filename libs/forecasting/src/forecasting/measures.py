"""Measures of forecasts.

sMAPE, MASE and OWA follow Makridakis, Spiliotis and Assimakopoulos, The M4 Competition,
International Journal of Forecasting 36 (2020), and the competition's own code.
Actual values and point forecasts are (series, steps); values that are NaN in either are left out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecasting.matrix import Floats, Mask, mean_known


def smape(actual: Floats, forecast: Floats) -> Floats:
    """Symmetric mean absolute percentage error of each series, in percent (0 to 200).

    A step at which both are 0 has no error.
    """
    size = np.abs(actual) + np.abs(forecast)
    error = np.abs(actual - forecast)
    return 200 * mean_known(np.where(size == 0, 0.0, error / np.where(size == 0, 1.0, size)))


def naive_scale(history: Floats, period: int = 1) -> Floats:
    """Mean absolute error of the seasonal naive forecast within each history (series,).

    NaN where no two values are a period apart.
    """
    if history.shape[1] <= period:
        return np.full(len(history), np.nan)
    return mean_known(np.abs(history[:, period:] - history[:, :-period]))


def mase(actual: Floats, forecast: Floats, scale: Floats) -> Floats:
    """Mean absolute scaled error of each series, by the scale of `naive_scale` (Hyndman, Koehler).

    NaN where the scale is 0 or NaN: the history says nothing about the size of errors.
    """
    return mean_known(np.abs(actual - forecast)) / np.where(scale > 0, scale, np.nan)


def owa(smapes: Floats, mases: Floats, naive2_smapes: Floats, naive2_mases: Floats) -> float:
    """Overall weighted average: the mean of the two ratios to Naive2, each of means over series."""
    ratios = [
        np.nanmean(smapes) / np.nanmean(naive2_smapes),
        np.nanmean(mases) / np.nanmean(naive2_mases),
    ]
    return float(np.mean(ratios))


def pinball(actual: Floats, quantiles: Floats, levels: Sequence[float]) -> Floats:
    """Mean pinball loss of each series over steps and levels, in the unit of the series.

    `quantiles` is (series, steps, levels). At level .5 it is half the absolute error.
    """
    excess = actual[:, :, None] - quantiles
    share = np.asarray(levels)
    losses = np.maximum(share * excess, (share - 1) * excess)
    return mean_known(losses.reshape(len(actual), -1))


def coverage(actual: Floats, lower: Floats, upper: Floats) -> float:
    """The share of the actual values that lie within the bounds, bounds included."""
    known: Mask = ~np.isnan(actual) & ~np.isnan(lower) & ~np.isnan(upper)
    inside = (actual >= lower) & (actual <= upper)
    return float(inside[known].mean()) if known.any() else float("nan")


def bias(actual: Floats, forecast: Floats) -> float:
    """The sum of forecasts over the sum of actual values, less 1; NaN where the latter is 0."""
    known: Mask = ~np.isnan(actual) & ~np.isnan(forecast)
    total = float(actual[known].sum())
    return float(forecast[known].sum()) / total - 1 if total else float("nan")
