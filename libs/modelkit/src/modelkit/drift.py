"""Drift between two samples of a column, by the population stability index.

The index is Σ (p - q) ln(p / q) over the bins of a column, with the limits in common use: below 0.1
stable, from 0.25 on shifted (Siddiqi, Credit Risk Scorecards, 2006). With few rows chance alone
exceeds these limits: PSI · nm / (n + m) is then roughly χ² with bins - 1 degrees of freedom
(Yurdakul and Naranjo, Statistical properties of the population stability index, 2020). A column is
therefore called moved or shifted only if its index also exceeds the 99.9 % quantile of that
distribution.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

MOVED = 0.1
SHIFTED = 0.25

_HALF = 0.5  # added to each count, so that an empty bin has a logarithm
_NORMAL_QUANTILE = 3.090  # of 99.9 %

Bins: TypeAlias = Mapping[str, int]
"""Bin → rows in it."""
Level: TypeAlias = Literal["stable", "moved", "shifted"]


@dataclass(frozen=True)
class Stability:
    """An index, and how great chance alone makes it in one case of a thousand."""

    index: float
    noise: float

    @property
    def level(self) -> Level:
        """How far the sample has moved from its reference."""
        if self.index < max(MOVED, self.noise):
            return "stable"
        return "shifted" if self.index >= SHIFTED else "moved"


def population_stability_index(current: Bins, reference: Bins) -> Stability:
    """The index of one sample against its reference; 0 where one has no rows or one bin."""
    bins = sorted(
        bin_ for bin_ in {*current, *reference} if current.get(bin_, 0) or reference.get(bin_, 0)
    )
    rows, reference_rows = sum(current.values()), sum(reference.values())
    if len(bins) < 2 or not rows or not reference_rows:
        return Stability(0.0, 0.0)
    index = 0.0
    for bin_ in bins:
        share = (current.get(bin_, 0) + _HALF) / (rows + _HALF * len(bins))
        expected = (reference.get(bin_, 0) + _HALF) / (reference_rows + _HALF * len(bins))
        index += (share - expected) * math.log(share / expected)
    noise = (1 / rows + 1 / reference_rows) * _chi_square_quantile(len(bins) - 1)
    return Stability(index, noise)


def _chi_square_quantile(degrees: int) -> float:
    """The 99.9 % quantile, by the approximation of Wilson and Hilferty (1931)."""
    spread = 2 / (9 * degrees)
    return degrees * float((1 - spread + _NORMAL_QUANTILE * math.sqrt(spread)) ** 3)
