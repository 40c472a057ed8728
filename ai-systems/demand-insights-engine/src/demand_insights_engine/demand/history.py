"""Weekly demand as a matrix: a product a row, a full week a column."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

FULL_WEEK = 7
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
COLUMNS = ("product_id", "currency", "week", "days", "units", "orders", "unit_price")
"""Those of demand_weekly that a history is made of."""
_MATRICES = ("units", "orders", "unit_price")
DAILY_COLUMNS = ("product_id", "currency", "day", *_MATRICES)
"""Those of demand_daily."""


@dataclass(frozen=True)
class History:
    """The demand for some products.

    `units` (pieces), `orders` and `price` (the mean of the units ordered) have a row for each
    product and a column for each week of `weeks` (Mondays). They are NaN in weeks before the
    product was first offered, and in weeks in which it was not; prices also where nothing was sold.
    """

    products: tuple[tuple[str, str], ...]
    weeks: tuple[date, ...]
    units: NDArray[np.float64]
    orders: NDArray[np.float64]
    price: NDArray[np.float64]

    @classmethod
    def of(cls, rows: pl.DataFrame) -> Self:
        """The history in rows of demand_weekly.

        Weeks of which some days are missing are left out: they are the first and the last of a
        product. Products that are no longer offered in the last full week of all have no future,
        and are left out too.
        """
        return cls._of(rows.filter(pl.col("days") == FULL_WEEK), "week", WEEK)

    @classmethod
    def of_days(cls, rows: pl.DataFrame) -> Self:
        """The history in rows of demand_daily: `weeks` are days.

        Products that are no longer offered on the last day of all are left out.
        """
        return cls._of(rows, "day", DAY)

    @classmethod
    def _of(cls, rows: pl.DataFrame, period: str, length: timedelta) -> Self:
        if rows.is_empty():
            return cls((), (), *(np.empty((0, 0)) for _ in _MATRICES))
        first, last = rows.select(pl.col(period).min(), pl.col(period).max().alias("last")).row(0)
        weeks = [first + number * length for number in range((last - first) // length + 1)]
        offered = rows.filter(pl.col(period) == last).select("product_id", "currency")
        offered = offered.sort("product_id", "currency").with_row_index("row")
        cells = rows.join(offered, on=["product_id", "currency"]).with_columns(
            ((pl.col(period) - first).dt.total_days() // length.days).alias("column")
        )
        at = cells["row"].to_numpy(), cells["column"].to_numpy()
        matrices = [np.full((offered.height, len(weeks)), np.nan) for _ in _MATRICES]
        for name, matrix in zip(_MATRICES, matrices, strict=True):
            matrix[at] = cells[name].cast(pl.Float64).to_numpy()
        names = offered.select("product_id", "currency").rows()
        return cls(tuple(names), tuple(weeks), *matrices)
