"""Shares of counts, with their uncertainty."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

_QUANTILE = 1.96  # of a 95 % interval


@dataclass(frozen=True)
class Share:
    """A share with the bounds of its 95 % interval."""

    value: float
    lower: float
    upper: float


def share(part: int, whole: int) -> Share | None:
    """A share with its interval by Wilson (Probable inference, 1927); None of nothing."""
    if not whole:
        return None
    value, square = part / whole, _QUANTILE**2 / whole
    middle = (value + square / 2) / (1 + square)
    spread = sqrt(value * (1 - value) * square + square**2 / 4) / (1 + square)
    return Share(
        value, min(max(middle - spread, 0.0), value), max(min(middle + spread, 1.0), value)
    )
