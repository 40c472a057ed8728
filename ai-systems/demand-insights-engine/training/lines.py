"""Retail lines from a file, and the demand that they make: products by weeks or days.

The file is in the form of the `orders` contract (datalake.contracts.curated) or in the columns of
UCI's Online Retail.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
from errors import DataError
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Texts = NDArray[np.str_]

FILE = "online_retail.parquet"
COLUMNS = ("product_id", "description", "quantity", "unit_price", "ordered_at")
ONLINE_RETAIL = {
    "StockCode": "product_id",
    "Description": "description",
    "Quantity": "quantity",
    "UnitPrice": "unit_price",
    "InvoiceDate": "ordered_at",
}
# Goods of Online Retail have five digits; postage, fees, samples and tests have not.
_GOODS = r"^\d{5}"
_READERS: Mapping[str, Callable[[Path], pl.DataFrame]] = {
    ".parquet": pl.read_parquet,
    ".csv": partial(pl.read_csv, infer_schema_length=None, try_parse_dates=True),
}
SUFFIXES = tuple(_READERS)


class LinesError(DataError):
    """The file does not have the form that evaluation reads; the message says why."""


@dataclass(frozen=True)
class Demand:
    """Units and mean prices of a line, (products, periods); nan before a product's first sale,
    and where there is no price.

    `start` is the first day, a period has `days`; `descriptions` are the latest of each product.
    """

    products: Texts
    descriptions: Texts
    start: date
    days: int
    units: Floats
    price: Floats

    @property
    def periods(self) -> int:
        """How many periods there are."""
        return int(self.units.shape[1])


def retail_file(given: Path | None) -> Path:
    """The file given, or the public one in FLEET_DATA_DIR. Raises LinesError without either."""
    if given is not None:
        return given
    folder = os.environ.get("FLEET_DATA_DIR")
    file = Path(folder, FILE) if folder else None
    if file is None or not file.is_file():
        raise LinesError(
            f"no retail lines: set FLEET_DATA_DIR to a folder with {FILE} "
            "(demo/open_data/README.md), or DATA to a file of order lines"
        )
    return file


def read(file: Path) -> pl.DataFrame:
    """The lines of goods sold, COLUMNS with `day`: a date, in order of time. Raises LinesError."""
    if file.suffix not in _READERS:
        raise LinesError(f"{file} is neither of {', '.join(_READERS)}")
    try:
        rows = _READERS[file.suffix](file)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise LinesError(f"{file} cannot be read: {error}") from error
    if set(ONLINE_RETAIL) <= set(rows.columns):
        rows = rows.unique(maintain_order=True).rename(ONLINE_RETAIL)
        rows = rows.filter(pl.col("product_id").cast(pl.String).str.contains(_GOODS))
    elif "line_type" in rows.columns:
        rows = rows.filter(pl.col("line_type") == "product")
    if missing := [name for name in COLUMNS if name not in rows.columns]:
        raise LinesError(
            f"{file} lacks {', '.join(missing)}; its columns must be those of the orders contract, "
            f"or {', '.join(ONLINE_RETAIL)}"
        )
    try:
        lines = rows.select(
            pl.col("product_id", "description").cast(pl.String),
            pl.col("quantity", "unit_price").cast(pl.Float64),
            pl.col("ordered_at").cast(pl.Datetime("us")),
        )
    except pl.exceptions.PolarsError as error:
        raise LinesError(f"{file} has a value of another type: {error}") from error
    lines = lines.filter(
        pl.col("quantity").is_between(0, 1e12, closed="right"),
        pl.col("unit_price").is_between(0, 1e12, closed="right"),
        pl.col("product_id").is_not_null() & pl.col("ordered_at").is_not_null(),
    )
    if lines.is_empty():
        raise LinesError(f"{file} has no line with a positive quantity and price")
    return lines.with_columns(day=pl.col("ordered_at").dt.date()).sort("ordered_at", "product_id")


def weekly(lines: pl.DataFrame) -> Demand:
    """Demand a week: whole weeks from Monday on. Raises LinesError where there is none."""
    first, last = _period(lines)
    start = first + timedelta(days=-first.weekday() % 7)
    return demand(lines, start, (last - start).days // 7 + ((last - start).days % 7 == 6), 7)


def daily(lines: pl.DataFrame) -> Demand:
    """Demand a day. Raises LinesError where there is none."""
    first, last = _period(lines)
    return demand(lines, first, (last - first).days + 1, 1)


def demand(lines: pl.DataFrame, start: date, periods: int, days: int) -> Demand:
    """Demand of `periods` of `days` from `start` on. Raises LinesError where there is none."""
    end = start + timedelta(days=periods * days)
    inside = lines.filter(pl.col("day").is_between(start, end, closed="left"))
    if inside.is_empty():
        raise LinesError(f"the lines have no whole period of {days} days")
    products = inside.group_by("product_id").agg(pl.col("description").drop_nulls().last())
    products = products.sort("product_id").with_row_index("row")
    period = ((pl.col("day") - pl.lit(start)).dt.total_days() // days).alias("period")
    cells = (
        inside.join(products.select("product_id", "row"), on="product_id")
        .group_by("row", period)
        .agg(pl.col("quantity").sum(), pl.col("unit_price").mean())
    )
    at = cells["row"].to_numpy().astype(np.int64), cells["period"].to_numpy()
    units, price = np.zeros((products.height, periods)), np.full((products.height, periods), np.nan)
    units[at], price[at] = cells["quantity"].to_numpy(), cells["unit_price"].to_numpy()
    units[np.cumsum(units, axis=1) == 0] = np.nan
    return Demand(
        products=products["product_id"].to_numpy().astype(np.str_),
        descriptions=products["description"].fill_null("").to_numpy().astype(np.str_),
        start=start,
        days=days,
        units=units,
        price=price,
    )


def _period(lines: pl.DataFrame) -> tuple[date, date]:
    days = lines["day"].sort()
    return days[0], days[-1]
