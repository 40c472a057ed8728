"""The made-up shop of demo/shop as daily demand, with its truth."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from lines import Demand
from numpy.typing import NDArray

# The shop is no package of a lock: it lies beside the functions.
sys.path.append(str(Path(__file__).parents[3] / "demo"))
from shop.generate import Shop, ShopMonth
from shop.parameters import Parameters

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SEED = 20_261_125
"""Of the shop that is held back: methods are tried on other seeds before they are settled."""
LINES = 300_000


@dataclass(frozen=True)
class Truth:
    """Daily `demand` of a shop, and what made it.

    Each product is in a `group`, has an `elasticity`, and `has_season` unless it is intermittent.
    `expected` are the units of each group in a customer's pick (groups, days), `purchases` the days
    on which customers bought, `dropout` the a and b of their law.
    """

    demand: Demand
    group: Ints
    groups: tuple[str, ...]
    elasticity: Floats
    has_season: NDArray[np.bool_]
    expected: Floats
    purchases: pl.DataFrame
    dropout: tuple[float, float]


def made_up_shop(seed: int = SEED, lines: int = LINES) -> Truth:
    """Two years of a shop."""
    parameters = Parameters(seed=seed, lines=lines)
    shop = Shop(parameters)
    units, revenue, expected, purchases = [], [], [], []
    for month in shop.months():
        sold, earned = _sales(month, len(shop.products))
        units.append(sold)
        revenue.append(earned)
        wanted = month.demand.share * month.demand.units
        expected.append(
            [
                wanted[:, shop.products.group == at].sum(axis=1)
                for at in range(shop.products.group.max() + 1)
            ]
        )
        purchases.append(_purchases(month))
    sold, earned = np.concatenate(units, axis=1), np.concatenate(revenue, axis=1)
    price = np.divide(earned, 100 * sold, out=np.full(sold.shape, np.nan), where=sold > 0)
    sold[np.cumsum(sold, axis=1) == 0] = np.nan
    laws = parameters.customers
    return Truth(
        demand=Demand(
            products=np.array(shop.products.codes),
            descriptions=np.array(shop.products.descriptions),
            start=parameters.start,
            days=1,
            units=sold,
            price=price,
        ),
        group=shop.products.group,
        groups=tuple(group.name for group in parameters.products.groups),
        elasticity=shop.products.elasticity,
        has_season=~shop.products.is_intermittent,
        expected=np.concatenate(expected, axis=1),
        purchases=pl.concat(purchases),
        dropout=(laws.a, laws.b),
    )


def _sales(month: ShopMonth, goods: int) -> tuple[Floats, Floats]:
    """Units and revenue in pence of a month, (products, days)."""
    units, revenue = (np.zeros((goods, month.month.days)) for _ in range(2))
    for block in month.blocks:
        is_sale = (block.lines.quantity > 0) & (block.lines.product < goods)
        lines = block.lines[is_sale]
        day = (lines.at.astype("datetime64[D]") - month.month.dates[0]).astype(np.int64)
        np.add.at(units, (lines.product, day), lines.quantity)
        np.add.at(revenue, (lines.product, day), lines.quantity * lines.price)
    return units, revenue


def _purchases(month: ShopMonth) -> pl.DataFrame:
    """Days with purchases as `customers.transactions` reads them."""
    made = month.activity.purchases
    days = pl.DataFrame(
        {
            "customer_id": made.customer.astype(np.str_),
            "day": made.at.astype("datetime64[D]"),
            "amount": made.budget / 100,
        }
    )
    return days.group_by("customer_id", "day").agg(
        pl.len().cast(pl.Int64).alias("orders"),
        pl.col("amount").sum(),
        pl.lit(0.0).alias("returned_amount"),
    )
