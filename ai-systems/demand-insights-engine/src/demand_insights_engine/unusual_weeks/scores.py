"""Robust scores of the weeks of a series.

Demand varies by factors, so values are compared on the scale log(1 + units). A score is a week's
distance from the series' median, in robust standard deviations: the median absolute deviation times
1.4826 (Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993). Unlike mean and standard
deviation, both hardly move with the unusual weeks themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import expm1, log1p
from statistics import median

MIN_WEEKS = 8
"""With fewer weeks, a median says little."""

_SIGMA_PER_MAD = 1.4826  # of a normal distribution


@dataclass(frozen=True)
class Parameters:
    """What training learns.

    `scale_floor` is the least standard deviation of log(1 + units), so that small changes of a
    nearly constant series are usual. A week is unusual if its score is beyond `threshold`, in
    standard deviations, on either side.
    """

    scale_floor: float
    threshold: float


@dataclass(frozen=True)
class Assessment:
    """One week: `expected`, `lower` and `upper` in units, `score` in standard deviations."""

    expected: float
    lower: float
    upper: float
    score: float
    is_unusual: bool


def assess(units: Sequence[float], parameters: Parameters) -> list[Assessment]:
    """Assess every week of a series; `units` are not negative.

    Raises ValueError for fewer than MIN_WEEKS weeks.
    """
    values = [log1p(value) for value in units]
    center, deviation = location_and_scale(values)
    scale = max(deviation, parameters.scale_floor)
    reach = parameters.threshold * scale
    expected, lower, upper = (
        max(expm1(bound), 0.0) for bound in (center, center - reach, center + reach)
    )
    scores = [(value - center) / scale for value in values]
    return [
        Assessment(expected, lower, upper, score, abs(score) > parameters.threshold)
        for score in scores
    ]


def location_and_scale(values: Sequence[float]) -> tuple[float, float]:
    """Median and robust standard deviation. Raises ValueError for fewer than MIN_WEEKS values."""
    if len(values) < MIN_WEEKS:
        raise ValueError(f"{len(values)} weeks; at least {MIN_WEEKS} are needed")
    center = median(values)
    return center, _SIGMA_PER_MAD * median(abs(value - center) for value in values)
