"""Reorder point and order-up-to level for a service level.

Periodic review with orders of whole multiples, (R, s, nQ): at each review, an order is placed
where the inventory position (in stock, plus on order, less owed) is at most the reorder point. The
service level is the share of review intervals in which all demand is met from stock.

The position after a review is uniform between reorder point + 1 and reorder point + Q (Hadley and
Whitin, Analysis of Inventory Systems, 1963, section 5-2). So the service is the mean over these
positions of the probability that demand over lead time and review stays within, and the reorder
point is the least with enough service. With Q = 1 the order-up-to level is the plain quantile.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_WEEKS = 13
"""Longest time that an order can protect: its lead time and the review after it."""
MOST_UNITS = 10**12
"""More than any order has; floats count units exactly up to there."""


@dataclass(frozen=True)
class Terms:
    """What an order must satisfy: whole multiples of `multiple` units, at least `minimum`; reviews
    are `review` periods apart.

    Raises ValueError for a service level outside of (0, 1), or for units or periods below 1.
    """

    service_level: float = 0.95
    multiple: int = 1
    minimum: int = 1
    review: int = 1

    def __post_init__(self) -> None:
        if not 0 < self.service_level < 1:
            raise ValueError(f"service level {self.service_level} must be between 0 and 1")
        for name, units in (("multiple", self.multiple), ("minimum", self.minimum)):
            if not 1 <= units <= MOST_UNITS:
                raise ValueError(f"{name} {units} must be between 1 and {MOST_UNITS:,} units")
        if self.review < 1:
            raise ValueError(f"review of {self.review} periods must be 1 or more")

    @property
    def batch(self) -> int:
        """The least order: `minimum` in whole multiples."""
        return ceil(self.minimum / self.multiple) * self.multiple

    def order(self, position: Ints, reorder_point: Ints) -> Ints:
        """Units to order at a review: the least that are allowed and lift the position above the
        reorder point; 0 where it is above already."""
        missing = reorder_point + 1 - position
        whole = -(-missing // self.multiple) * self.multiple
        return np.where(missing > 0, np.maximum(whole, self.batch), 0)


@dataclass(frozen=True)
class Policy:
    """Of each product: `reorder_point`, at or below which an order is placed, and `order_up_to`,
    which the position never exceeds after it; -1 means that an order waits for a customer.
    `service` is what the samples of demand say is reached."""

    reorder_point: Ints
    order_up_to: Ints
    service: Floats


def policy(demand: Floats, terms: Terms) -> Policy:
    """The least reorder points that reach the service level.

    `demand` are samples (..., samples) of the demand over lead time and review, see
    `lead_time.demand_over`; fractions of a unit are rounded up. Raises ValueError for samples that
    are missing, negative or not finite, or above MOST_UNITS.
    """
    if demand.shape[-1] == 0:
        raise ValueError("no samples of demand")
    if not ((demand >= 0) & (demand <= MOST_UNITS)).all():
        raise ValueError(f"demand must be between 0 and {MOST_UNITS:,} units, and known")
    # A sum of fractions may exceed a whole number by its rounding errors.
    units = np.sort(np.ceil(demand - 1e-9 * (1 + demand)), axis=-1)
    low = np.full(units.shape[:-1], -1, dtype=np.int64)
    high = np.maximum(units[..., -1].astype(np.int64) - 1, low)
    while (low < high).any():
        middle = (low + high) // 2
        reached = service(units, middle, terms.batch) >= terms.service_level - 1e-12
        high = np.where(reached, middle, high)
        low = np.where(reached, low, np.minimum(middle + 1, high))
    return Policy(low, low + terms.batch, service(units, low, terms.batch))


def service(units: Floats, reorder_point: Ints, batch: int) -> Floats:
    """The share of intervals without shortage: samples (..., samples) of whole units against
    positions that are uniform from reorder point + 1 to reorder point + `batch`."""
    enough = reorder_point[..., None] + batch + 1 - units
    return np.asarray(np.clip(enough / batch, 0, 1).mean(axis=-1), dtype=np.float64)
