"""The demand that an order protects against: over its lead time and the review after it.

Every window of a product's own past is a sample: overlapping blocks keep what neighbouring periods
have in common (Boylan and Babai, On the performance of overlapping and non-overlapping temporal
demand aggregation approaches, 2016). Their quantiles are multiplied by a factor that past windows
of all products of a pattern tell, by the number of periods and the level (Mondrian conformal
prediction: Vovk, Gammerman and Shafer, 2005).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datalake.contracts.insights.stock import STOCK_LEVELS
from demand_insights_engine.stock.calibration import ratios, safety_factor
from demand_insights_engine.stock.lead_time import LeadTime
from demand_insights_engine.stock.policy import MOST_UNITS
from forecasting.profile import profile

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ORIGINS = 8
"""How many past origins tell a factor; more adapt more slowly."""
LEAST_HISTORY = 8
"""Fewer periods tell too little to try quantiles on them."""
SAMPLES = 1_000
"""Enough for a 95 % quantile to move by less than a percentage point of service (binomial)."""
_POOLED = 200  # past demands of a pattern that give a factor of their own


@dataclass(frozen=True)
class Protection:
    """`quantiles` (products, periods, levels) of the demand over 1, 2, ... periods, and how many
    past `origins` (periods,) their factors rest on: 0 where the history is too short to try any."""

    quantiles: Floats
    origins: tuple[int, ...]


def protection(units: Floats, longest: int) -> Protection:
    """Quantiles of the demand over up to `longest` periods.

    `units` are (products, periods), nan where demand is not known. Raises ValueError for a history
    without a period or with negative units.
    """
    if units.shape[1] == 0 or (units < 0).any() or np.isinf(units).any():
        raise ValueError("the history needs a period, and units that are finite and not negative")
    kinds = np.array(profile(units).kinds)
    patterns = [kinds == kind for kind in np.unique(kinds)]
    found = [_calibrated(units, periods, patterns) for periods in range(1, longest + 1)]
    # Demand over more periods is no less.
    quantiles = np.maximum.accumulate(np.stack([one for one, _ in found], axis=1), axis=1)
    return Protection(quantiles, tuple(origins for _, origins in found))


def samples(
    quantiles: Floats, lead_time: LeadTime, review: int = 1, count: int = SAMPLES
) -> Floats:
    """Samples (..., count) of the demand over lead time plus `review` periods.

    `quantiles` are (..., periods, levels) of `protection`; a lead time has as many samples as it is
    probable. Raises ValueError where the longest time to protect is beyond the quantiles.
    """
    if review < 1 or lead_time.longest + review > quantiles.shape[-2]:
        raise ValueError(
            f"a lead time of up to {lead_time.longest} and a review of {review} periods; quantiles "
            f"are of at most {quantiles.shape[-2]}"
        )
    parts = []
    for lead, number in zip(*np.unique(lead_time.spread(count), return_counts=True), strict=True):
        probability = (np.arange(number) + 0.5) / number
        parts.append(inverse(probability, quantiles[..., lead + review - 1, :]))
    return np.minimum(np.concatenate(parts, axis=-1), MOST_UNITS)


def inverse(probability: Floats, quantiles: Floats) -> Floats:
    """The quantile function (..., probabilities) through quantiles (..., STOCK_LEVELS).

    Linear between levels and from 0 to the first; above the last one an exponential tail.
    """
    levels = np.asarray(STOCK_LEVELS)
    knots = np.concatenate([np.zeros((*quantiles.shape[:-1], 1)), quantiles], axis=-1)
    at = np.concatenate([[0.0], levels])
    right = np.clip(np.searchsorted(at, probability, side="right"), 1, levels.size)
    share = (np.minimum(probability, levels[-1]) - at[right - 1]) / (at[right] - at[right - 1])
    inside = knots[..., right - 1] + share * (knots[..., right] - knots[..., right - 1])
    # From the median to the last level the tail loses as many e-folds.
    middle = STOCK_LEVELS.index(0.5)
    folds = np.log((1 - levels[middle]) / (1 - levels[-1]))
    scale = (quantiles[..., -1:] - quantiles[..., middle : middle + 1]) / folds
    beyond = np.maximum(np.log((1 - levels[-1]) / (1 - probability)), 0)
    return np.asarray(inside + scale * beyond, dtype=np.float64)


def windows(units: Floats, periods: int) -> Floats:
    """Demand over every window of a history (products, windows).

    Unknown periods have the product's mean, all of them 0; a history that is shorter is repeated.
    """
    known = ~np.isnan(units)
    mean = np.where(known, units, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    filled = np.where(known, units, mean[:, None])
    if filled.shape[1] < periods:
        filled = np.tile(filled, (1, -(-periods // filled.shape[1])))
    totals = np.pad(np.cumsum(filled, axis=1), ((0, 0), (1, 0)))
    return np.asarray(totals[:, periods:] - totals[:, :-periods], dtype=np.float64)


def _calibrated(units: Floats, periods: int, patterns: list[Bools]) -> tuple[Floats, int]:
    """Quantiles (products, levels) of the demand over some periods, and the origins tried."""
    end = units.shape[1]
    origins = range(max(end - periods - ORIGINS + 1, LEAST_HISTORY), end - periods + 1)
    actual = [units[:, origin : origin + periods].sum(axis=1) for origin in origins]
    before = [_quantiles(units[:, :origin], periods) for origin in origins]
    now = _quantiles(units, periods)
    for at, level in enumerate(STOCK_LEVELS):

        def past(rows: Bools | slice, at: int = at) -> Floats:
            pairs = zip(actual, before, strict=True)
            found = [ratios(came[rows], said[rows, at]) for came, said in pairs]
            return np.concatenate([np.empty(0), *found])

        everybody = past(slice(None))
        for rows in patterns:
            own = past(rows)
            now[rows, at] *= safety_factor(own if own.size >= _POOLED else everybody, level)
    return np.maximum.accumulate(now, axis=1), len(origins)


def _quantiles(units: Floats, periods: int) -> Floats:
    return np.asarray(
        np.quantile(windows(units, periods), STOCK_LEVELS, axis=1).T, dtype=np.float64
    )
