"""What customers want on each day of a month, and at which price."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from shop.parameters import Parameters
from shop.periods import DAYS_A_YEAR, Month, season
from shop.products import Products
from shop.streams import Bools, Floats, Ints, stream


@dataclass(frozen=True)
class Demand:
    """A month's days by products.

    `price` is in pence; `is_promoted` says where a promotion lowers it. `share` is the probability
    that a customer who picks a product picks this one; it is zero for intermittent products. Of
    these `occurs` says on which days there is a demand of one line. `units` is the mean of a
    line's units.
    """

    month: Month
    price: Ints
    is_promoted: Bools
    share: Floats
    units: Floats
    occurs: Bools

    @cached_property
    def line_value(self) -> float:
        """The mean value of a line in pence."""
        return float((self.share * self.units * self.price).sum() / self.month.days)

    @cached_property
    def overshoot(self) -> float:
        """By how much, in pence, an order of lines goes beyond its budget on average.

        The mean excess of a renewal process, E[X^2] / 2 E[X]; E[X^2] of geometric units.
        """
        square = self.units * (2 * self.units - 1) * self.price**2
        return float((self.share * square).sum() / self.month.days / 2 / self.line_value)


def demand(parameters: Parameters, products: Products, month: Month) -> Demand:
    """The demand of a month: the sum of trend, season and life cycle in logs, and prices.

    Raises ValueError if no product is sold on some day.
    """
    laws = parameters.products
    day = month.day_numbers[:, None]
    log_demand = (
        products.popularity
        + products.trend * day / DAYS_A_YEAR
        + season(
            month.dates[:, None],
            np.array([group.season for group in laws.groups])[products.group],
            np.array([group.peak for group in laws.groups])[products.group],
        )
    )
    life = _life_cycle(day, products, laws.ramp_days, laws.fade_days)
    weight = np.where(products.is_intermittent, 0, np.exp(log_demand) * life)
    total = weight.sum(axis=1, keepdims=True)
    if not total.all():
        raise ValueError(f"products: none is sold on some day of {month.name}; ask for more")
    price, is_promoted = _prices(parameters, products, month)
    units = products.units * (price / products.list_price) ** products.elasticity
    chance = stream(parameters.seed, "demand", month.index)
    occurs = chance.random((month.days, len(products))) < 1 / np.where(
        products.is_intermittent, products.interval, np.inf
    )
    return Demand(
        month=month,
        price=price,
        is_promoted=is_promoted,
        share=weight / total,
        units=np.maximum(units, 1),
        occurs=occurs & (life > 0),
    )


def _life_cycle(day: Ints, products: Products, ramp_days: int, fade_days: int) -> Floats:
    """0 before launch, rising to 1, falling to 0 at the end; (days, products)."""
    rise = np.clip((day - products.launch + 1) / ramp_days, 0, 1)
    fall = np.clip((products.end - day) / fade_days, 0, 1)
    return np.asarray(rise * fall, dtype=np.float64)


def _prices(parameters: Parameters, products: Products, month: Month) -> tuple[Ints, Bools]:
    """Prices in whole pence, and which are lowered; of two promotions the greater discount wins."""
    year = month.start.year - parameters.start.year
    day = month.day_numbers[:, None, None]
    start = products.promotion_start
    is_active = (day >= start) & (day < start + parameters.products.promotion_days)
    discount = np.where(is_active, products.promotion_discount, 0).max(axis=2)
    price = np.round(products.list_price * products.revision[:, year] * (1 - discount))
    return np.maximum(price, 1).astype(np.int64), discount > 0
