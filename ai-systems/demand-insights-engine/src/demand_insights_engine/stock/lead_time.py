"""A lead time that varies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

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
        # Its import takes a second, which most advice does not need.
        from scipy.special import gammainc

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
