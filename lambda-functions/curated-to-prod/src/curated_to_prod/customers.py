"""Customers: what they bought on which day, and features as of a date."""

from __future__ import annotations

from datetime import date

import polars as pl

from curated_to_prod.sales import RETURNED, SOLD, goods, ratio, zeros
from datalake.contracts.prod import AMOUNT, CUSTOMER_DAYS, CUSTOMER_FEATURES

_CUSTOMER = ("customer_id", "currency")
_WINDOWS = (30, 90, 365)


def customer_days(
    orders: pl.DataFrame, returns: pl.DataFrame, transactions: pl.DataFrame
) -> pl.DataFrame:
    """CUSTOMER_DAYS of a month from its MERGED_ORDERS, MERGED_RETURNS and MERGED_TRANSACTIONS."""
    key = list(CUSTOMER_DAYS.key)
    sold, returned = (
        goods(lines).filter(pl.col("customer_id").is_not_null()) for lines in (orders, returns)
    )
    paid = transactions.lazy().with_columns(pl.col("transacted_at").dt.date().alias("day"))
    sides = (
        sold.group_by(key).agg(*SOLD).rename({"revenue": "amount"}),
        returned.group_by(key).agg(*RETURNED),
        paid.group_by(key).agg(
            pl.len().cast(pl.Int64).alias("orders"),
            pl.col("quantity").sum().alias("units"),
            pl.col("amount").cast(AMOUNT).sum(),
        ),
    )
    # The latest document of the day tells the country; the name decides between equal times.
    countries = (
        pl.concat([lines.select(*key, "ordered_at", "country") for lines in (sold, returned)])
        .sort("ordered_at", "country")
        .group_by(key)
        .agg(pl.col("country").last())
    )
    return (
        pl.concat(sides, how="diagonal")
        .pipe(zeros)
        .group_by(key)
        .agg(pl.col("orders", "units", "returns", "amount", "returned_amount").sum())
        .join(countries, on=key, how="left")
        .select(CUSTOMER_DAYS.schema.names())
        .sort(key)
        .collect()
    )


def customer_features(days: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """CUSTOMER_FEATURES at the beginning of `as_of` from CUSTOMER_DAYS; later days are left out.

    Recency, frequency and tenure as Fader, Hardie and Lee (2005) count them: in distinct days.
    """
    known = days.lazy().filter(pl.col("day") < as_of).sort(*_CUSTOMER, "day")
    is_purchase = pl.col("orders") > 0
    age = (pl.lit(as_of) - pl.col("day")).dt.total_days()
    purchases = (
        known.filter(is_purchase)
        .with_columns(pl.col("day").diff().over(_CUSTOMER).dt.total_days().alias("gap"), age=age)
        .group_by(_CUSTOMER)
        .agg(
            pl.col("day").min().alias("first_day"),
            pl.col("day").max().alias("last_day"),
            pl.col("age").max().alias("tenure_days"),
            pl.col("age").min().alias("recency_days"),
            pl.len().cast(pl.Int64).alias("purchase_days"),
            pl.col("gap").sum().alias("gaps"),
            pl.col("gap").pow(2).sum().alias("squares"),
            pl.col("gap").median().alias("median_gap_days"),
            pl.col("gap").sort_by("day").last().cast(pl.Float64).alias("last_gap_days"),
            *(
                pl.col(name).filter(pl.col("age") <= window).sum().alias(f"{name}_{window}d")
                for window in _WINDOWS
                for name in ("orders", "amount")
            ),
        )
    )
    # From whole numbers, so that the bytes do not depend on how threads divide the work.
    count = pl.col("purchase_days") - 1
    mean = pl.when(count > 0).then(pl.col("gaps") / count)
    variance = (count * pl.col("squares") - pl.col("gaps").pow(2)) / (count * (count - 1))
    deviation = pl.when(count > 1).then(variance.sqrt())
    sums = ("orders", "units", "returns", "amount", "returned_amount")
    return (
        known.group_by(_CUSTOMER)
        .agg(
            pl.col(sums).sum(),
            pl.col("country").sort_by("day").drop_nulls().last(),
        )
        .join(purchases, on=_CUSTOMER)
        .with_columns(
            (pl.col("amount") - pl.col("returned_amount")).cast(AMOUNT).alias("net_amount"),
            mean.alias("mean_gap_days"),
            deviation.alias("std_gap_days"),
            ratio("amount", "orders").alias("mean_order_amount"),
            ratio("returned_amount", "amount").alias("returns_rate"),
        )
        .select(CUSTOMER_FEATURES.schema.names())
        .sort(_CUSTOMER)
        .collect()
    )
