"""Named segments of customers by recency, frequency and monetary value (RFM).

Each is scored 1 to 5 by the quintiles of the source's own customers (Hughes, "Strategic Database
Marketing", 1994); equal values have equal scores. Recency and the mean of the two other scores
choose the segment.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datalake.contracts.insights import CustomerSegment
from demand_insights_engine.customers.transactions import DAYS_A_WEEK, Floats, Histories

_QUINTILES = (0.2, 0.4, 0.6, 0.8)
# By recency score from 1 (longest ago) to 5, then by the mean of frequency and monetary score:
# up to 2, up to 3.5, above.
_SEGMENTS = (
    (CustomerSegment.LOST, CustomerSegment.AT_RISK, CustomerSegment.CANNOT_LOSE_THEM),
    (CustomerSegment.HIBERNATING, CustomerSegment.AT_RISK, CustomerSegment.CANNOT_LOSE_THEM),
    (CustomerSegment.ABOUT_TO_SLEEP, CustomerSegment.NEEDS_ATTENTION, CustomerSegment.LOYAL),
    (CustomerSegment.PROMISING, CustomerSegment.POTENTIAL_LOYALIST, CustomerSegment.LOYAL),
    (CustomerSegment.RECENT, CustomerSegment.POTENTIAL_LOYALIST, CustomerSegment.CHAMPION),
)
_BOUNDS = (2.0, 3.5)


@dataclass(frozen=True)
class Thresholds:
    """The quintiles of the customers, four each: recency in days, purchase days, net amount."""

    recency_days: tuple[float, ...]
    frequency: tuple[float, ...]
    monetary: tuple[float, ...]


@dataclass(frozen=True)
class Segmentation:
    """An element for each customer; scores are 1 to 5, and 5 is best."""

    recency: Floats
    frequency: Floats
    monetary: Floats
    segment: list[CustomerSegment]
    thresholds: Thresholds


def segment(customers: Histories) -> Segmentation:
    """The segments of customers among themselves. Without customers there are no thresholds."""
    recency_days = (customers.age - customers.recency) * DAYS_A_WEEK
    purchases, net = customers.frequency + 1, customers.amount - customers.returned_amount
    if not len(customers):
        return Segmentation(recency_days, purchases, net, [], Thresholds((), (), ()))
    bounds = [np.quantile(values, _QUINTILES) for values in (recency_days, purchases, net)]
    # As many quintiles as are below the value; for recency, less is better.
    recency = 5 - np.searchsorted(bounds[0], recency_days, side="left")
    frequency, monetary = (
        1 + np.searchsorted(bound, values, side="left")
        for bound, values in zip(bounds[1:], (purchases, net), strict=True)
    )
    column = np.searchsorted(_BOUNDS, (frequency + monetary) / 2, side="left")
    names = [_SEGMENTS[row - 1][at] for row, at in zip(recency, column, strict=True)]
    return Segmentation(
        recency.astype(float),
        frequency.astype(float),
        monetary.astype(float),
        names,
        Thresholds(*(tuple(float(value) for value in bound) for bound in bounds)),
    )
