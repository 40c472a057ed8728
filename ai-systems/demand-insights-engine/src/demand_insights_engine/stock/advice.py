"""What to order, from forecasts of demand over the lead time that their own past corrects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from demand_insights_engine.stock.calibration import ORIGINS, ratios, safety_factor
from demand_insights_engine.stock.lead_time import LeadTime, demand_over
from demand_insights_engine.stock.policy import Policy, Terms, policy

Floats = NDArray[np.float64]

Forecaster: TypeAlias = Callable[[Floats, int], Floats]
"""Sample paths (products, paths, periods) from a history (products, periods) and a horizon."""

LEAST_HISTORY = 8
"""Fewer periods tell too little to try a forecast on them."""


@dataclass(frozen=True)
class Advice:
    """Reorder points and order-up-to levels; `factor` is what past errors multiplied the forecasts
    by, from `origins` past forecasts (1 and 0 where the history is too short to try any)."""

    policy: Policy
    factor: float
    origins: int


def advise(history: Floats, forecaster: Forecaster, lead_time: LeadTime, terms: Terms) -> Advice:
    """Advice from `history` (products, periods), nan where demand is not known.

    Raises ValueError for a history without a period or with negative units.
    """
    if history.shape[1] == 0 or (history < 0).any() or np.isinf(history).any():
        raise ValueError("the history needs a period, and units that are finite and not negative")
    horizon, end = lead_time.longest + terms.review, history.shape[1]

    def samples(until: int) -> Floats:
        paths = np.maximum(forecaster(history[:, :until], horizon), 0)
        return demand_over(paths, lead_time, terms.review)

    past = []
    for origin in range(max(end - horizon - ORIGINS + 1, LEAST_HISTORY), end - horizon + 1):
        predicted = np.quantile(samples(origin), terms.service_level, axis=1)
        past.append(ratios(history, origin, predicted, lead_time, terms.review))
    factor = safety_factor(past, terms.service_level)
    return Advice(policy(samples(end) * factor, terms), factor, len(past))


def past_windows(history: Floats, horizon: int) -> Floats:
    """Every window of `horizon` periods of a product's own past as a path.

    Overlapping blocks keep what neighbouring periods have in common (Boylan and Babai, On the
    performance of overlapping and non-overlapping temporal demand aggregation approaches, 2016).
    Unknown periods have the product's mean, all of them 0; a history that is shorter is repeated.
    """
    known = ~np.isnan(history)
    mean = np.where(known, history, 0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    filled = np.where(known, history, mean[:, None])
    if filled.shape[1] < horizon:
        filled = np.tile(filled, (1, -(-horizon // filled.shape[1])))
    return np.lib.stride_tricks.sliding_window_view(filled, horizon, axis=1)
