"""Days without sales that are no days without demand: the shop was closed, or the product was out.

A run of zeros counts as a stock-out where chance makes it improbable under the product's own rate,
as it was before the run and as it is after it. Where the rate falls towards the run, it is taken to
go on falling, so that demand which fades out with its season is not out of stock. Zeros at the end
of a series may be the end of the product, so they are left.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

FALSE_RUNS = 0.01
"""How many runs chance may turn into stock-outs, a series."""
LEAST_SERIES = 20
"""Fewer series cannot tell that all of a shop was closed."""
_NEIGHBOURS = 28
_PRIOR = 0.5  # Jeffreys


@dataclass(frozen=True)
class Censored:
    """Which periods tell nothing of demand: the whole shop `is_closed` (periods,), or a product
    `is_out` of stock (series, periods)."""

    is_closed: Bools
    is_out: Bools

    def known(self, units: Floats) -> Floats:
        """The units, nan where they tell nothing of demand."""
        return np.where(self.is_out | self.is_closed, np.nan, units)


def censored(units: Floats, false_runs: float = FALSE_RUNS) -> Censored:
    """Find closed periods and stock-outs in `units` (series, periods), nan where not known.

    Raises ValueError for negative or infinite units.
    """
    if (units < 0).any() or np.isinf(units).any():
        raise ValueError("units must be finite and not negative")
    is_closed = closed(units)
    is_out = np.zeros(units.shape, dtype=np.bool_)
    for row, series in enumerate(units):
        is_open = ~is_closed & ~np.isnan(series)
        is_out[row, np.flatnonzero(is_open)] = stock_outs(series[is_open], false_runs)
    return Censored(is_closed, is_out)


def closed(units: Floats) -> Bools:
    """Periods in which nothing of LEAST_SERIES series or more was sold, though by their mean rate
    several would have been."""
    known = ~np.isnan(units)
    sold = (units > 0).sum(axis=0)
    rate = np.divide(
        (units > 0).sum(axis=1), known.sum(axis=1), out=np.zeros(len(units)), where=known.any(1)
    )
    log_none = np.where(known, np.log1p(-np.minimum(rate, 1 - 1e-9))[:, None], 0).sum(axis=0)
    enough = known.sum(axis=0) >= LEAST_SERIES
    return np.asarray(enough & (sold == 0) & (log_none < np.log(FALSE_RUNS)), dtype=np.bool_)


def stock_outs(series: Floats, false_runs: float = FALSE_RUNS) -> Bools:
    """Which periods of one series without gaps belong to improbable runs of zeros.

    The run is tested once for each period at which it could have begun.
    """
    found = np.zeros(series.shape, dtype=np.bool_)
    sells = series > 0
    sales = np.flatnonzero(sells)
    for left, right in pairwise(sales.tolist()):
        length = right - left - 1
        if length < 2:
            continue
        # The sales next to the run are what makes it a run, so they do not count.
        before = _expected(sells[max(left - 2 * _NEIGHBOURS, 0) : left][::-1], length)
        after = _expected(sells[right + 1 : right + 1 + 2 * _NEIGHBOURS], length)
        if np.log(series.size) - min(before, after) < np.log(false_runs):
            found[left + 1 : right] = True
    return found


def _expected(sells: Bools, length: int) -> float:
    """How surprising `length` periods without sales are, as -log of their probability; `sells` are
    the neighbours, the nearest first.

    The hazard of a sale is that of the nearest _NEIGHBOURS periods, less a standard error. If it
    fell from the _NEIGHBOURS periods before them by more than such an error, it falls on.
    """
    near, cautious = _hazard(sells[:_NEIGHBOURS])
    far, _ = _hazard(sells[_NEIGHBOURS:]) if sells.size > _NEIGHBOURS else (near, cautious)
    fall = max(far - near - (near - cautious), 0.0) / _NEIGHBOURS
    return float(np.maximum(cautious - fall * np.arange(length), 0).sum())


def _hazard(sells: Bools) -> tuple[float, float]:
    """-log of the share of periods without sales, after _PRIOR of each outcome, and the same for a
    standard error more of them."""
    trials = sells.size + 2 * _PRIOR
    none = (float((~sells).sum()) + _PRIOR) / trials
    error = float(np.sqrt(none * (1 - none) / (trials + 1)))
    return -float(np.log(none)), -float(np.log(min(none + error, 1.0)))
