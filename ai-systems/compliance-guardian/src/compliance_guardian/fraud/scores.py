"""What a model says of a payment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """What speaks for fraud, or against it; `contribution` is to the logarithmic odds."""

    code: str
    text: str
    contribution: float


@dataclass(frozen=True)
class Score:
    """A calibrated `probability` with the bounds of its 90 % interval, and its logarithmic odds.

    The model's bias and the contributions of `reasons` add up to the odds; there are no reasons
    unless they were asked for.
    """

    probability: float
    lower: float
    upper: float
    log_odds: float
    reasons: Sequence[Reason] = ()
