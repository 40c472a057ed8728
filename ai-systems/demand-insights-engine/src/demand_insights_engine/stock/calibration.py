"""A factor for forecasts of demand over the lead time, from how often they were exceeded.

Quantiles that are right for each period may be wrong for the sum of several. Conformalized
quantile regression (Romano, Patterson, Candès, 2019), with ratios in place of differences, since
products differ in size: with the forecast quantile times the factor, the share `level` of past
demands stays within, over all products and origins together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from demand_insights_engine.stock.lead_time import LeadTime

Floats = NDArray[np.float64]

ORIGINS = 8
"""How many past origins tell the factor; more adapt more slowly."""


@dataclass(frozen=True)
class Ratios:
    """Past demands over the lead time divided by the quantiles forecast for them (at least one
    unit), each with the probability of its lead time."""

    ratio: Floats
    weight: Floats


def ratios(
    history: Floats, origin: int, predicted: Floats, lead_time: LeadTime, review: int = 1
) -> Ratios:
    """How demand from period `origin` on compares with what was forecast from the periods before.

    `history` is (products, periods), nan where demand is not known; `predicted` (products,) the
    forecast quantile. Only demand that has passed counts: raises ValueError where the longest lead
    time ends after the history. Products with unknown demand are left out.
    """
    end = origin + lead_time.longest + review
    if not 0 <= origin <= end <= history.shape[1]:
        raise ValueError(f"demand until period {end} is needed; {history.shape[1]} are known")
    until = np.cumsum(history[:, origin:end], axis=1)
    until = np.concatenate([np.zeros((len(until), 1)), until], axis=1)
    actual = until[:, np.asarray(lead_time.periods) + review]
    ratio = actual / np.maximum(predicted, 1)[:, None]
    weight = np.broadcast_to(lead_time.probabilities, ratio.shape)
    known = ~np.isnan(ratio)
    return Ratios(ratio[known], weight[known])


def safety_factor(past: Sequence[Ratios], level: float) -> float:
    """The factor by which quantiles of `level` are to be multiplied; 1 without any past.

    It is the level's quantile of the ratios with the correction for a finite sample, and the
    greatest ratio where the sample is too small for the level.
    """
    ratio = np.concatenate([np.empty(0), *(one.ratio for one in past)])
    weight = np.concatenate([np.empty(0), *(one.weight for one in past)])
    if not weight.sum() > 0:
        return 1.0
    order = np.argsort(ratio, kind="stable")
    passed = np.cumsum(weight[order]) / weight.sum()
    size = weight.sum() ** 2 / np.square(weight).sum()
    corrected = min(ceil(level * (size + 1)) / size, 1.0)
    at = min(int(np.searchsorted(passed, corrected - 1e-12)), ratio.size - 1)
    return float(ratio[order][at])
