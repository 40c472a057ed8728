"""Quantiles about a forecast, conformal: from the errors of past forecasts of all series.

Errors are scaled by the size of a series' own errors and pooled over the series of its class, so
they keep their skew: the median and the mean of intermittent demand differ. Source: Vovk, Gammerman
and Shafer, Algorithmic Learning in a Random World (2005), split conformal prediction. Coverage
holds on average over series, as long as errors stay as they were.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from forecasting.matrix import Floats, mean_known

LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
_POOLED = 200  # errors of a class that give a distribution of their own
_WEIGHT = 8  # errors of the panel that count in the size of a series' own errors
# Quantiles of a normal distribution at .001 to .999, relative to its mean absolute value.
_NORMAL_LEVELS = np.array([0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999])
_NORMAL = np.array([-3.873, -2.916, -2.062, -1.606, -0.845, 0, 0.845, 1.606, 2.062, 2.916, 3.873])


def conformal(
    centre: Floats, size: Floats, errors: Floats, classes: Sequence[str], levels: Sequence[float]
) -> Floats:
    """Quantiles (series, steps, levels) about a centre (series, steps); they never cross.

    `errors` are past ones (series, origins, steps) of actual value less centre, `size` (series,) is
    that of `error_size`. Without any error a normal distribution that widens with the
    square root of the step is a guess.
    """
    width = _sizes(errors / size[:, None, None])[:, None] * size[:, None] * _growth(errors, size)
    scores = errors / np.where(width > 0, width, np.nan)[:, None, :]
    everybody = scores[~np.isnan(scores)]
    quantiles = np.empty((*centre.shape, len(levels)))
    for kind in sorted(set(classes)):
        rows = np.array([one == kind for one in classes])
        pool = scores[rows][~np.isnan(scores[rows])]
        if pool.size < _POOLED:
            pool = everybody
        quantiles[rows] = centre[rows, :, None] + width[rows, :, None] * _at(pool, levels)
    return quantiles


def _sizes(scaled: Floats) -> Floats:
    """The mean absolute error of each series, drawn towards that of all (series,)."""
    flat = np.abs(scaled).reshape(len(scaled), -1)
    count = (~np.isnan(flat)).sum(axis=1)
    own = np.nan_to_num(mean_known(flat))
    usual = float(own[count > 0].mean()) if (count > 0).any() else 1.0
    drawn: Floats = (own * count + usual * _WEIGHT) / (count + _WEIGHT)
    return drawn


def _growth(errors: Floats, size: Floats) -> Floats:
    """How errors grow with the step (steps,): 1 on average, and no smaller later."""
    steps = errors.shape[2]
    if np.isnan(errors).all():
        growth = np.sqrt(np.arange(1.0, steps + 1))
    else:
        scaled = np.abs(errors) / size[:, None, None]
        growth = np.nan_to_num(mean_known(scaled.reshape(-1, steps), axis=0))
        growth = np.maximum.accumulate(growth)
    mean = growth.mean()
    return np.asarray(growth / mean if mean > 0 else np.ones(steps), dtype=np.float64)


def _at(pool: Floats, levels: Sequence[float]) -> NDArray[np.float64]:
    """Quantiles of scaled errors, each further out by what a sample of this size lacks."""
    share = np.asarray(levels)
    if not pool.size:
        return np.asarray(np.interp(share, _NORMAL_LEVELS, _NORMAL), dtype=np.float64)
    away = np.abs(share - 0.5)
    widened = np.clip(share + np.sign(share - 0.5) * away / (pool.size + 1), 0, 1)
    return np.asarray(np.quantile(pool, widened), dtype=np.float64)


def error_size(history: Floats) -> Floats:
    """What errors of a series are like (series,): the mean change, or the mean size of values where
    that is less, as of rare demand; 1 where all are 0."""
    sizes = mean_known(np.abs(history))
    changes = mean_known(np.abs(np.diff(history, axis=1))) if history.shape[1] > 1 else sizes
    size = np.where(changes > 0, np.minimum(sizes, changes), sizes)
    return np.where(size > 0, size, 1.0)
