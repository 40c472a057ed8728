"""The demand of a currency at every level: all products, their groups, and each product."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from datalake.contracts.insights import InsightsTable
from demand_insights_engine.demand.groups import group_of
from demand_insights_engine.demand.history import History
from forecasting.matrix import Floats
from forecasting.reconciliation import Hierarchy

ALL = "all"
"""The name of the total."""


@dataclass(frozen=True)
class Panel:
    """The series of a currency in the order of the hierarchy: the total, groups, products.

    `names` has the level, name and currency of each and, of a product, its group. `units` and
    `orders` are (series, weeks), and NaN before a series began; an order of several products counts
    once for each. `price` is (products, weeks).
    """

    names: pl.DataFrame
    hierarchy: Hierarchy
    weeks: tuple[date, ...]
    units: Floats
    orders: Floats
    price: Floats

    @classmethod
    def of(cls, history: History, currency: str) -> Panel:
        """The panel of one of the history's currencies."""
        inside = [row for row, (_, one) in enumerate(history.products) if one == currency]
        products = [history.products[row][0] for row in inside]
        group = [group_of(product) for product in products]
        groups = sorted(set(group))
        hierarchy = Hierarchy(np.array([groups.index(one) for one in group]), len(groups))
        units, orders = history.units[inside], history.orders[inside]
        # A group begins with its first product.
        known = hierarchy.add_up((~np.isnan(units)).astype(float)) > 0
        names = pl.DataFrame(
            {
                "level": ["total", *["group"] * len(groups), *["product"] * len(products)],
                "name": [ALL, *groups, *products],
                "currency": currency,
                "group": [None, *[None] * len(groups), *group],
            },
            schema_overrides={"group": pl.String},
        )
        sums = (hierarchy.add_up(np.nan_to_num(one)) for one in (units, orders))
        units, orders = (np.where(known, one, np.nan) for one in sums)
        return cls(names, hierarchy, history.weeks, units, orders, history.price[inside])

    @property
    def levels(self) -> tuple[slice, slice, slice]:
        """The rows of the total, of groups, and of products."""
        products = 1 + self.hierarchy.groups
        return slice(0, 1), slice(1, products), slice(products, None)

    def by_week(self, columns: Mapping[str, Floats], weeks: Sequence[date]) -> pl.DataFrame:
        """Columns (series, weeks) as rows in the order of series, then weeks."""
        names = self.names.select("level", "name", "currency")
        places = np.repeat(np.arange(len(self.units)), len(weeks))
        return names[places].with_columns(
            pl.Series("week", list(weeks) * len(self.units), dtype=pl.Date),
            *(pl.Series(name, one.ravel()) for name, one in columns.items()),
        )


def panels(history: History) -> Iterator[Panel]:
    """The panel of each currency, in order."""
    for currency in sorted({currency for _, currency in history.products}):
        yield Panel.of(history, currency)


def together(table: InsightsTable, parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The rows of several panels in the columns and types of their table; NaN as null."""
    schema = table.frame([]).schema
    frames = [
        part.select(
            (pl.col(name).fill_nan(None) if part[name].dtype.is_float() else pl.col(name)).cast(one)
            for name, one in schema.items()
        )
        for part in parts
    ]
    return pl.concat([table.frame([]), *frames])
