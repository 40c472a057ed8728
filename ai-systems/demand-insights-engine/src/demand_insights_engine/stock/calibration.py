"""A factor for quantiles of demand, from how often they were exceeded.

Conformalized quantile regression (Romano, Patterson, Candès, 2019), with ratios in place of
differences, since products differ in size: with the quantile times the factor, the share `level` of
past demands stays within, over all products and origins together.
"""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def ratios(actual: Floats, predicted: Floats) -> Floats:
    """Past demands divided by the quantiles predicted for them, of at least one unit; without those
    that are not known."""
    ratio = actual / np.maximum(predicted, 1)
    return np.asarray(ratio[~np.isnan(ratio)], dtype=np.float64)


def safety_factor(ratio: Floats, level: float) -> float:
    """The factor by which quantiles of `level` are to be multiplied; 1 without any past.

    It is the level's quantile of the ratios with the correction for a finite sample, and the
    greatest ratio where the sample is too small for the level.
    """
    if not ratio.size:
        return 1.0
    at = min(ceil(level * (ratio.size + 1)), ratio.size) - 1
    return float(np.sort(ratio)[at])
