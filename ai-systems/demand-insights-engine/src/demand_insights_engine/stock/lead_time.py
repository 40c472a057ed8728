"""Demand over a lead time that varies, as samples: from sample paths, or from quantile forecasts.

Samples, not sums of quantiles: the quantile of a sum is less than the sum of quantiles unless all
periods rise and fall together. The lead time is independent of demand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc

Floats = NDArray[np.float64]

PATHS = 1_000
"""Enough for a 95 % quantile to move by less than a percentage point of service (binomial)."""
# The share of a gamma distribution's lead times at each end that paths need not reach.
_TAIL = 1e-3


@dataclass(frozen=True)
class LeadTime:
    """The distribution of the time from an order to its arrival: whole periods of the forecast in
    ascending order, and the probability of each.

    Raises ValueError for periods that are negative, not ascending or without a probability.
    """

    periods: tuple[int, ...]
    probabilities: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.periods or len(self.periods) != len(self.probabilities):
            raise ValueError("a lead time needs at least one period, each with a probability")
        if self.periods[0] < 0 or list(self.periods) != sorted(set(self.periods)):
            raise ValueError(f"lead times {self.periods} must be ascending and 0 or more")
        if min(self.probabilities) < 0 or not isclose(sum(self.probabilities), 1, abs_tol=1e-6):
            raise ValueError(f"probabilities {self.probabilities} of lead times must add up to 1")

    @classmethod
    def fixed(cls, periods: int) -> Self:
        """A lead time that never varies."""
        return cls((periods,), (1.0,))

    @classmethod
    def observed(cls, periods: Sequence[int]) -> Self:
        """The distribution of past lead times. Raises ValueError without any."""
        values, counts = np.unique(np.asarray(periods, dtype=np.int64), return_counts=True)
        return cls(tuple(values.tolist()), tuple((counts / max(counts.sum(), 1)).tolist()))

    @classmethod
    def of(cls, mean: float, deviation: float) -> Self:
        """A gamma distribution of this mean and standard deviation, rounded to whole periods,
        without the thousandth of its lead times at either end.

        Raises ValueError for a mean or a deviation that is negative or not finite.
        """
        if not (0 <= mean < np.inf and 0 <= deviation < np.inf):
            raise ValueError(f"lead time {mean} ± {deviation} must be finite and not negative")
        if mean == 0 or deviation < _TAIL * mean:
            return cls.fixed(round(mean))
        shape, scale = (mean / deviation) ** 2, deviation**2 / mean
        periods = np.arange(int(np.ceil(mean + 10 * deviation)) + 1)
        edges = np.concatenate([[0.0], periods + 0.5])
        passed = gammainc(shape, edges / scale)
        share = np.diff(passed)
        kept = (share > 0) & (passed[1:] > _TAIL) & (passed[:-1] < 1 - _TAIL)
        share /= share[kept].sum()
        return cls(tuple(periods[kept].tolist()), tuple(share[kept].tolist()))

    @property
    def mean(self) -> float:
        """In periods."""
        return float(np.dot(self.periods, self.probabilities))

    @property
    def variance(self) -> float:
        """In periods squared."""
        return float(np.dot(np.square(self.periods), self.probabilities) - self.mean**2)

    @property
    def longest(self) -> int:
        """The longest lead time that occurs, in periods."""
        return self.periods[-1]

    def spread(self, count: int) -> NDArray[np.int64]:
        """`count` lead times that have the distribution as nearly as whole numbers can."""
        edges = np.cumsum(self.probabilities)
        middles = (np.arange(count) + 0.5) / count
        at = np.minimum(np.searchsorted(edges, middles), len(self.periods) - 1)
        return np.asarray(self.periods, dtype=np.int64)[at]


def demand_over(paths: Floats, lead_time: LeadTime, review: int = 1) -> Floats:
    """Samples of the demand over lead time plus `review` periods, the time that an order protects.

    `paths` are (..., paths, periods) of demand a period, joint over periods; the answer is
    (..., paths), with as many paths for a lead time as it is probable. Raises ValueError where the
    paths are shorter than the longest time to protect.
    """
    if review < 0:
        raise ValueError(f"review of {review} periods is negative")
    needed = lead_time.longest + review
    if paths.shape[-1] < needed:
        raise ValueError(
            f"paths of {paths.shape[-1]} periods; {needed} are needed: a lead time of "
            f"{lead_time.longest} and a review of {review}"
        )
    totals = np.concatenate([np.zeros((*paths.shape[:-1], 1)), np.cumsum(paths, axis=-1)], axis=-1)
    count = paths.shape[-2]
    # Path i meets lead time (i * a) mod count, with a stride that mixes them, so that neither
    # follows the other.
    lead = lead_time.spread(count)[_mixed(count)]
    return np.asarray(totals[..., np.arange(count), lead + review], dtype=np.float64)


def _mixed(count: int) -> NDArray[np.int64]:
    """A fixed order of 0 ... count - 1 in which neighbours are far apart (golden ratio)."""
    return np.argsort((np.arange(count) * 0.6180339887498949) % 1, kind="stable")


def paths_of(
    quantiles: Floats,
    levels: Sequence[float],
    correlation: float = 0.0,
    count: int = PATHS,
    seed: int = 0,
) -> Floats:
    """Sample paths that have these quantiles in each period.

    `quantiles` are (..., periods, levels) in ascending order of `levels`; the answer is (...,
    count, periods). Between levels the quantile function is linear; below the first it falls to
    the least of 0 and it, above the last it goes on as an exponential tail. Periods are joined by
    a Gaussian copula (Nelsen, An Introduction to Copulas, 2006) in which neighbours have
    `correlation`, that of past errors. Raises ValueError for levels out of order.
    """
    given = np.asarray(levels, dtype=np.float64)
    if given.size < 2 or (np.diff(given) <= 0).any() or given[0] <= 0 or given[-1] >= 1:
        raise ValueError(f"levels {list(levels)} must be two or more, ascending, between 0 and 1")
    if quantiles.shape[-1] != given.size:
        raise ValueError(f"{quantiles.shape[-1]} quantiles for {given.size} levels")
    if not -1 < correlation < 1:
        raise ValueError(f"correlation {correlation} must be between -1 and 1")
    periods = quantiles.shape[-2]
    shocks = np.random.Generator(np.random.PCG64(seed)).standard_normal((count, periods))
    for period in range(1, periods):
        shocks[:, period] = correlation * shocks[:, period - 1] + (
            np.sqrt(1 - correlation**2) * shocks[:, period]
        )
    # Ranks make each period's marginal exact in the sample.
    ranks = shocks.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    return inverse((ranks + 0.5) / count, np.maximum.accumulate(quantiles, axis=-1), given)


def inverse(probability: Floats, quantiles: Floats, levels: Floats) -> Floats:
    """The quantile function: of `probability` (count, periods) by (..., periods, levels)."""
    low, high = np.minimum(quantiles[..., :1], 0), quantiles[..., -1:]
    knots = np.concatenate([low, quantiles], axis=-1)
    at = np.concatenate([[0.0], levels])
    right = np.clip(np.searchsorted(at, probability, side="right"), 1, at.size - 1)
    share = (np.minimum(probability, levels[-1]) - at[right - 1]) / (at[right] - at[right - 1])
    period = np.arange(quantiles.shape[-2])
    lower, upper = knots[..., period, right - 1], knots[..., period, right]
    inside = lower + share * (upper - lower)
    # From the median (or the level next to it) to the last one the tail loses as many e-folds.
    middle = int(np.abs(levels - 0.5).argmin())
    middle = min(middle, levels.size - 2)
    folds = np.log((1 - levels[middle]) / (1 - levels[-1]))
    scale = (high[..., 0] - quantiles[..., middle]) / folds
    beyond = np.maximum(np.log((1 - levels[-1]) / (1 - probability)), 0)
    return np.asarray(inside + scale[..., None, :] * beyond, dtype=np.float64)
