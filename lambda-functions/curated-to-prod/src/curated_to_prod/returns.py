"""Credit note lines and the order lines that they take back, across objects."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from datalake.contracts.prod import MATCHED_RETURNS

LOOKBACK_DAYS = 180
LOOKBACK_MONTHS = 6
"""LOOKBACK_DAYS before any day of a month lie in it or in that many months before it."""

ORDER_COLUMNS = (
    "order_id",
    "product_id",
    "currency",
    "customer_id",
    "ordered_at",
    "quantity",
    "unit_price",
)
"""The columns of MERGED_ORDERS that it takes to find a match."""

_SAME = ["customer_id", "product_id", "unit_price", "currency"]


def matched_returns(returns: pl.DataFrame, orders: pl.DataFrame) -> pl.DataFrame:
    """MATCHED_RETURNS of a month from its MERGED_RETURNS, and MERGED_ORDERS of it and
    LOOKBACK_MONTHS before.

    Of order lines of the same time the greatest order number, then quantity, is taken.
    """
    candidates = (
        orders.filter(pl.col("customer_id").is_not_null())
        .sort("ordered_at", "order_id", "quantity")
        .select(
            *_SAME,
            "ordered_at",
            pl.col("order_id").alias("matched_order_id"),
            pl.col("ordered_at").alias("matched_ordered_at"),
            pl.col("quantity").alias("matched_quantity"),
        )
    )
    known = returns.filter(pl.col("customer_id").is_not_null()).sort("ordered_at")
    matched = known.join_asof(
        candidates,
        on="ordered_at",
        by=_SAME,
        strategy="backward",
        tolerance=timedelta(days=LOOKBACK_DAYS),
        check_sortedness=False,
    )
    unknown = returns.filter(pl.col("customer_id").is_null())
    return (
        pl.concat([matched, unknown], how="diagonal")
        .select(MATCHED_RETURNS.schema.names())
        .sort(MATCHED_RETURNS.key)
    )
