"""How much more than a Poisson process demand varies: the size of negative binomial counts.

Counts of mean m and size k have the variance m + m^2 / k: the greater k, the nearer to Poisson.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST, MOST = 0.05, 1e4
"""Bounds of the size: counts of a size of LEAST are zero nearly always; beyond MOST none differs
from Poisson."""
_PRIOR_PERIODS = 8.0


def sizes(units: Floats) -> Floats:
    """The size of each series of `units` (series, periods), nan where not known.

    Successive differences in place of distances from the mean, so that a trend or a slow season is
    no dispersion (von Neumann et al., The Mean Square Successive Difference, 1941). Each series is
    drawn towards the median 1 / k of all, as if that had been seen for `_PRIOR_PERIODS` periods.
    """
    if units.size == 0:
        return np.full(len(units), MOST)
    known = ~np.isnan(units)
    pairs = known[:, 1:] & known[:, :-1]
    count = pairs.sum(axis=1)
    left, right = (np.where(pairs, part, 0) for part in (units[:, :-1], units[:, 1:]))
    variance = ((left - right) ** 2).sum(axis=1) / 2
    mean = (left + right) / 2
    # E[a b] estimates the square of the mean without the variance of either.
    square = (left * right).sum(axis=1)
    excess = variance - mean.sum(axis=1)
    alone = np.divide(excess, square, out=np.full(len(units), np.nan), where=square > 0)
    usable = alone[~np.isnan(alone)]
    typical = max(float(np.median(usable)), 0.0) if usable.size else 0.0
    weight = count / (count + _PRIOR_PERIODS)
    inverse = weight * np.nan_to_num(alone, nan=typical) + (1 - weight) * typical
    return np.asarray(1 / np.clip(inverse, 1 / MOST, 1 / LEAST), dtype=np.float64)
