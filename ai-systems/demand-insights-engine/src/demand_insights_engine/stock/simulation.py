"""What a policy would have done: stock and shortages of many products, period by period."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import TypeAlias

import numpy as np

from demand_insights_engine.stock.lead_time import LeadTime
from demand_insights_engine.stock.policy import Floats, Ints, Terms

ReorderPoints: TypeAlias = Callable[[int], Ints]
"""Reorder points of all products, from the demand before a period."""


@dataclass(frozen=True)
class Outcome:
    """Of each product: `intervals` without shortage and all of them, `stock` held and `demand` in
    mean units a period, and `met`, the share of demand met from stock; nan without demand."""

    without_shortage: Ints
    intervals: int
    stock: Floats
    demand: Floats
    met: Floats

    @property
    def service(self) -> Floats:
        """The share of review intervals without shortage, a product."""
        return self.without_shortage / max(self.intervals, 1)


def simulate(
    demand: Ints,
    reorder_points: ReorderPoints,
    terms: Terms,
    lead_time: LeadTime,
    seed: int = 0,
    settling: int | None = None,
) -> Outcome:
    """Run a policy over `demand` (products, periods), with unmet demand owed until stock arrives.

    At the start of every `review`-th period the policy orders; then what is due arrives, and the
    period's demand is served. An order never overtakes an earlier one. The first `settling`
    periods, the longest lead time and one review unless given, start from a full position and do
    not count. Raises ValueError where no interval is left to count.
    """
    products, periods = demand.shape
    chance = np.random.Generator(np.random.PCG64(seed))
    skip = lead_time.longest + terms.review if settling is None else settling
    skip = -(-skip // terms.review) * terms.review
    last = skip + (periods - skip) // terms.review * terms.review
    if last <= skip:
        raise ValueError(f"{periods} periods; more than {skip} are needed, which settle the stock")
    points = reorder_points(0)
    stock = np.maximum(points + terms.batch, 0)
    arriving = np.zeros((products, periods + lead_time.longest + 1), dtype=np.int64)
    on_order = np.zeros(products, dtype=np.int64)
    latest = np.zeros(products, dtype=np.int64)
    held, met = np.zeros(products), np.zeros(products)
    is_short = np.zeros(products, dtype=np.bool_)
    fine = np.zeros(products, dtype=np.int64)
    for period in range(last):
        if period % terms.review == 0:
            points = reorder_points(period)
            ordered = terms.order(stock + on_order, points)
            lead = chance.choice(lead_time.periods, products, p=lead_time.probabilities)
            latest = np.where(ordered > 0, np.maximum(latest, period + lead), latest)
            arriving[np.arange(products), latest] += ordered
            on_order += ordered
            is_short[:] = False
        stock += arriving[:, period]
        on_order -= arriving[:, period]
        served = np.clip(demand[:, period], 0, np.maximum(stock, 0))
        is_short |= served < demand[:, period]
        stock -= demand[:, period]
        if period >= skip:
            met += served
            held += np.maximum(stock, 0)
            if (period + 1) % terms.review == 0:
                fine += ~is_short
    counted = demand[:, skip:last].sum(axis=1)
    return Outcome(
        without_shortage=fine,
        intervals=(last - skip) // terms.review,
        stock=held / (last - skip),
        demand=counted / (last - skip),
        met=np.divide(met, counted, out=np.full(products, np.nan), where=counted > 0),
    )


def normal_reorder_point(
    mean: Floats, deviation: Floats, lead_time: LeadTime, terms: Terms
) -> Ints:
    """The textbook rule: demand over lead time and review as a normal distribution.

    `mean` and `deviation` are those of the demand of one period. Silver, Pyke and Thomas, Inventory
    and Production Management in Supply Chains, 2017, chapter 6: the variance is that of demand over
    the mean time plus the squared mean times the variance of the time.
    """
    time = lead_time.mean + terms.review
    spread = np.sqrt(time * deviation**2 + mean**2 * lead_time.variance)
    level = mean * time + NormalDist().inv_cdf(terms.service_level) * spread
    return np.ceil(np.maximum(level, 0)).astype(np.int64) - 1
