"""What customers bought and returned by day, from a file of retail lines.

The lines have the columns of the `orders` contract (datalake.contracts.curated) or of UCI's Online
Retail; a negative quantity is a return. As in the prod table customer_days, only goods count: in
Online Retail products whose code begins with five digits. Lines without a customer are left out,
and repeated lines count once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import polars as pl
from cdnow import PurchasesError

COLUMNS = ("order_id", "product_id", "quantity", "unit_price", "ordered_at", "customer_id")
_ONLINE_RETAIL = ("InvoiceNo", "StockCode", "Quantity", "UnitPrice", "InvoiceDate", "CustomerID")
_GOODS = r"^\d{5}"
_READERS: Mapping[str, Callable[[Path], pl.DataFrame]] = {
    ".parquet": pl.read_parquet,
    ".csv": partial(pl.read_csv, infer_schema_length=None, try_parse_dates=True),
}


def read_lines(path: Path) -> pl.DataFrame:
    """COLUMNS of the goods' lines with a customer; `day` is the UTC day. Raises PurchasesError."""
    try:
        table = _READERS[path.suffix](path)
    except KeyError:
        raise PurchasesError(f"{path} must end in {' or '.join(_READERS)}") from None
    except (OSError, pl.exceptions.PolarsError) as error:
        raise PurchasesError(f"{path} cannot be read: {error}") from error
    is_online_retail = set(_ONLINE_RETAIL) <= set(table.columns)
    if is_online_retail:
        table = table.rename(dict(zip(_ONLINE_RETAIL, COLUMNS, strict=True)))
    if missing := [name for name in COLUMNS if name not in table.columns]:
        raise PurchasesError(
            f"{path} lacks {', '.join(missing)}; its columns must be {', '.join(COLUMNS)}"
        )
    if "line_type" in table.columns:
        table = table.filter(pl.col("line_type") == "product")
    try:
        lines = table.unique(maintain_order=True).select(
            _identifier(table["order_id"]),
            _identifier(table["product_id"]),
            pl.col("quantity", "unit_price").cast(pl.Float64),
            pl.col("ordered_at").cast(pl.Date).alias("day"),
            _identifier(table["customer_id"]),
        )
    except pl.exceptions.PolarsError as error:
        raise PurchasesError(f"{path} has a column of another type: {error}") from error
    if is_online_retail:
        lines = lines.filter(pl.col("product_id").str.contains(_GOODS))
    lines = lines.filter(pl.col("customer_id").is_not_null())
    for name in ("quantity", "unit_price"):
        bad = lines.filter(~pl.col(name).is_finite().fill_null(value=False))
        if bad.height:
            raise PurchasesError(f"{path}: order {bad['order_id'][0]}: {name} is {bad[name][0]}")
    if lines.is_empty():
        raise PurchasesError(f"{path} has no line with a customer")
    return lines


def customer_days(lines: pl.DataFrame) -> pl.DataFrame:
    """The days of customers as demand_insights_engine.customers.transactions reads them."""
    amount = pl.col("quantity") * pl.col("unit_price")
    return (
        lines.with_columns(amount=amount)
        .group_by("customer_id", "day", maintain_order=True)
        .agg(
            pl.col("order_id")
            .filter(pl.col("quantity") > 0)
            .n_unique()
            .cast(pl.Int64)
            .alias("orders"),
            amount.filter(pl.col("quantity") > 0).sum().clip(lower_bound=0).alias("amount"),
            (-amount).filter(pl.col("quantity") < 0).sum().alias("returned_amount"),
        )
        .sort("customer_id", "day")
    )


def _identifier(column: pl.Series) -> pl.Expr:
    """As text; CustomerID of Online Retail is a float because some are missing."""
    value = pl.col(column.name)
    return (value.cast(pl.Int64) if column.dtype.is_float() else value).cast(pl.String)
