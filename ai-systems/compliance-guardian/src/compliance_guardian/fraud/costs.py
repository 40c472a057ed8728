"""From which probability on a payment is investigated: where the expected cost is least.

The cost of a threshold is what it would have cost on payments that the model was not trained on:
every alert costs, and every fraud without one. Charging by example: Elkan, The foundations of
cost-sensitive learning, 2001.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

_PAYMENTS = 1_000
_NORMAL_QUANTILE = 1.96  # of 95 %
NEVER = 1.0
"""The threshold at which only a payment that is fraud for certain is investigated."""


@dataclass(frozen=True)
class Costs:
    """Of an alert, whatever comes of it, and of a fraud that passes; both in the same unit."""

    alert: float
    missed: float


@dataclass(frozen=True)
class Bin:
    """Payments of about one predicted probability, and how many of them were fraud."""

    probability: float
    payments: int
    frauds: int


@dataclass(frozen=True)
class Point:
    """What a threshold costs for each 1,000 payments, with a 95 % interval; the share of payments
    that it alerts on, and of frauds that it finds (None without any)."""

    threshold: float
    cost: float
    lower: float
    upper: float
    alerts: float
    found: float | None


def curve(bins: Sequence[Bin], costs: Costs) -> list[Point]:
    """A point for each threshold that tells bins apart, in their order; the last one is NEVER.

    Empty without payments.
    """
    ordered = sorted((one for one in bins if one.payments), key=lambda one: one.probability)
    payments = sum(one.payments for one in ordered)
    frauds = sum(one.frauds for one in ordered)
    if not payments:
        return []
    points: dict[float, Point] = {}
    alerts, missed = payments, 0
    for one in [*ordered, Bin(NEVER, 0, 0)]:
        points.setdefault(
            one.probability, _point(one.probability, alerts, missed, payments, frauds, costs)
        )
        alerts -= one.payments
        missed += one.frauds
    return list(points.values())


def best_threshold(points: Sequence[Point], costs: Costs) -> float:
    """The threshold of the least cost, the lowest of several.

    Without points it is that of a calibrated model: where alert and miss cost the same.
    """
    if not points:
        return min(costs.alert / costs.missed, NEVER)
    return min(points, key=lambda point: (point.cost, point.threshold)).threshold


def _point(
    threshold: float, alerts: int, missed: int, payments: int, frauds: int, costs: Costs
) -> Point:
    cost = alerts * costs.alert + missed * costs.missed
    # Alerts and misses are counts of a multinomial sample.
    variance = (
        costs.alert**2 * alerts * (1 - alerts / payments)
        + costs.missed**2 * missed * (1 - missed / payments)
        - 2 * costs.alert * costs.missed * alerts * missed / payments
    )
    spread = _NORMAL_QUANTILE * sqrt(max(variance, 0.0))
    scale = _PAYMENTS / payments
    return Point(
        threshold,
        cost * scale,
        max(cost - spread, 0.0) * scale,
        (cost + spread) * scale,
        alerts / payments,
        (frauds - missed) / frauds if frauds else None,
    )
