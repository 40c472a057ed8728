"""The price of days on which nothing was sold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST_DAYS = 28
"""Over a longer break the price is not known."""


def fill(price: Floats, most: int = MOST_DAYS) -> Floats:
    """Prices (series, periods) with gaps of at most `most` periods filled by the nearest price, the
    earlier one of two; what is before the first price, after the last or in a longer gap stays nan.

    Halving the gap between two prices gives each about the time that it was asked. To leave out the
    gaps at whose ends prices differ would drop days without sales just where prices are low for a
    short time, and so make demand look as if it responded strongly.
    """
    periods = np.arange(price.shape[1])
    known = ~np.isnan(price)
    before = np.maximum.accumulate(np.where(known, periods, -1), axis=1)
    after = np.where(known, periods, price.shape[1])[:, ::-1]
    after = np.minimum.accumulate(after, axis=1)[:, ::-1]
    inside = (before >= 0) & (after < price.shape[1]) & (after - before - 1 <= most)
    left = np.take_along_axis(price, np.maximum(before, 0), axis=1)
    right = np.take_along_axis(price, np.minimum(after, price.shape[1] - 1), axis=1)
    is_left_nearer = periods - before <= after - periods
    return np.where(inside, np.where(is_left_nearer, left, right), np.nan)
