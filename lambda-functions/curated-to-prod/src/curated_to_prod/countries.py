"""Sales per country and month."""

from __future__ import annotations

import polars as pl

from curated_to_prod.sales import NET_REVENUE, RETURNED, SOLD, goods, outer, ratio
from datalake.contracts.prod import COUNTRY_MONTHS


def country_months(orders: pl.DataFrame, returns: pl.DataFrame) -> pl.DataFrame:
    """COUNTRY_MONTHS of a month from its MERGED_ORDERS and MERGED_RETURNS."""
    key = list(COUNTRY_MONTHS.key)
    customers = pl.col("customer_id").drop_nulls().n_unique().cast(pl.Int64).alias("customers")
    sold = goods(orders).group_by(key).agg(*SOLD, customers)
    returned = goods(returns).group_by(key).agg(*RETURNED)
    return (
        outer(sold, returned, key)
        .with_columns(NET_REVENUE, ratio("returned_amount", "revenue").alias("returns_rate"))
        .select(COUNTRY_MONTHS.schema.names())
        .sort(key)
        .collect()
    )
