"""Measures of forecasts of customers, with intervals from customers drawn with replacement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Measure: TypeAlias = dict[str, float | None]

_DRAWS = 200
_BINS = 10


def rmse(forecast: Floats, truth: Floats) -> float:
    """The square root of the mean squared error."""
    return float(np.sqrt(np.mean((forecast - truth) ** 2)))


def mean_error(forecast: Floats, truth: Floats) -> float:
    """The mean of forecast less truth."""
    return float(np.mean(forecast - truth))


def area_under_curve(score: Floats, truth: Mask) -> float:
    """The probability that a case has a higher score than another customer, half for equal ones;
    NaN where there are only cases or none."""
    cases = int(truth.sum())
    others = len(truth) - cases
    if not cases or not others:
        return float("nan")
    ranks = rankdata(score)[truth].sum()
    return float((ranks - cases * (cases + 1) / 2) / (cases * others))


def captured(score: Floats, spent: Floats) -> float:
    """What the tenth of customers with the highest scores spent, by what the tenth that spent most
    did; NaN where nobody spent anything."""
    count = max(len(score) // 10, 1)
    best = float(np.sort(spent)[::-1][:count].sum())
    chosen = np.argsort(-score, kind="stable")[:count]
    return float(spent[chosen].sum()) / best if best > 0 else float("nan")


def share_inside(bounds: Floats, truth: Floats) -> float:
    """The share of values between their bounds, of shape (customers, 2)."""
    return float(np.mean((bounds[:, 0] <= truth) & (truth <= bounds[:, 1])))


def calibration_error(probability: Floats, truth: Mask) -> float:
    """The mean distance of probability and share in ten groups of equal size, by probability
    (Naeini, Cooper and Hauskrecht, 2015)."""
    order = np.argsort(probability, kind="stable")
    groups = [group for group in np.array_split(order, _BINS) if len(group)]
    distance = [abs(probability[g].mean() - truth[g].mean()) * len(g) for g in groups]
    return float(sum(distance) / len(order))


def with_interval(
    measure: Callable[[Any, Any], float], forecast: Any, truth: Any, *, seed: int
) -> Measure:
    """The measure and its 95 % interval; None where it is undefined."""
    random = np.random.Generator(np.random.PCG64(seed))
    size = len(truth)
    draws = []
    for _ in range(_DRAWS):
        chosen = random.integers(0, size, size)
        draws.append(measure(forecast[chosen], truth[chosen]))
    low, high = np.nanquantile(draws, (0.025, 0.975)) if not np.isnan(draws).all() else [np.nan] * 2
    return {
        name: None if np.isnan(value) else round(float(value), 4)
        for name, value in (("value", measure(forecast, truth)), ("low", low), ("high", high))
    }
