"""Sums of order and credit note lines, the same in every table; goods only, exact decimals."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from datalake.contracts.prod import AMOUNT

DAY = pl.col("ordered_at").dt.date()
NET_REVENUE = (pl.col("revenue") - pl.col("returned_amount")).cast(AMOUNT).alias("net_revenue")
_LINE_AMOUNT = (pl.col("quantity") * pl.col("unit_price")).cast(AMOUNT)

SOLD = (
    pl.col("order_id").n_unique().cast(pl.Int64).alias("orders"),
    pl.col("quantity").sum().alias("units"),
    _LINE_AMOUNT.sum().alias("revenue"),
)
RETURNED = (
    pl.col("order_id").n_unique().cast(pl.Int64).alias("returns"),
    pl.col("quantity").sum().alias("returned_units"),
    _LINE_AMOUNT.sum().alias("returned_amount"),
)


def goods(lines: pl.DataFrame) -> pl.LazyFrame:
    """The lines that are goods at a price: no postage, fees, adjustments, samples; with `day`."""
    return lines.lazy().filter(pl.col("line_type") == "product").with_columns(DAY.alias("day"))


def outer(sold: pl.LazyFrame, returned: pl.LazyFrame, on: Sequence[str]) -> pl.LazyFrame:
    """Both sides' sums for every group that either has, 0 where it lacks one."""
    return zeros(sold.join(returned, on=list(on), how="full", coalesce=True))


def zeros(frame: pl.LazyFrame) -> pl.LazyFrame:
    """0 for nulls in integer and decimal columns."""
    return frame.with_columns(
        pl.col(pl.Int64).fill_null(0), pl.col(AMOUNT).fill_null(pl.lit(0).cast(AMOUNT))
    )


def ratio(above: str, below: str) -> pl.Expr:
    """Quotient as Float64, null where the divisor is 0."""
    divisor = pl.col(below).cast(pl.Float64)
    return pl.when(divisor != 0).then(pl.col(above).cast(pl.Float64) / divisor)
