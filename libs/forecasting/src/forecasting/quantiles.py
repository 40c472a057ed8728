"""Quantiles of forecasts, conformal: from the scaled errors of past forecasts of all series.

Source: Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World (2005), split conformal
prediction. Coverage holds on average over the series, as long as errors stay as they were.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from forecasting.matrix import Floats

LEVELS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
_LEAST = 20  # errors of a step; with fewer, those of all steps stand for it


def conformal(
    median: Floats, scale: Floats, errors: Floats, levels: Sequence[float], is_demand: bool
) -> Floats:
    """Quantiles (series, steps, levels), which never cross; of demand, none is negative.

    `median` is (series, steps), `scale` (series,), and `errors` are past scaled ones (cases, steps)
    of actual value less median. Without any the quantiles are the median.
    """
    quantiles = np.repeat(median[:, :, None], len(levels), axis=2)
    pooled = errors[~np.isnan(errors)]
    for step in range(median.shape[1]):
        own = errors[:, step][~np.isnan(errors[:, step])]
        used = own if len(own) >= _LEAST else pooled
        if len(used):
            offsets = np.quantile(used, _widened(levels, len(used)))
            offsets = _around_zero(offsets, np.asarray(levels))
            quantiles[:, step] += scale[:, None] * offsets
    if is_demand:
        quantiles = np.maximum(quantiles, 0.0)
    return np.maximum.accumulate(quantiles, axis=2)


def _widened(levels: Sequence[float], count: int) -> Floats:
    """Levels moved outwards by what a sample of this size lacks."""
    share = np.asarray(levels)
    return np.clip(share + np.sign(share - 0.5) * np.abs(share - 0.5) / (count + 1), 0, 1)


def _around_zero(offsets: Floats, levels: Floats) -> Floats:
    """Below the median no offset is positive, above none negative: the median stays itself."""
    bounded = np.where(levels < 0.5, np.minimum(offsets, 0), np.maximum(offsets, 0))
    return np.where(levels == 0.5, 0.0, bounded)
