"""Demand per product: months, days with a complete calendar, and weeks."""

from __future__ import annotations

from datetime import date

import polars as pl

from curated_to_prod.sales import DAY, NET_REVENUE, RETURNED, SOLD, goods, outer, ratio, zeros
from datalake.contracts.prod import DEMAND_DAILY, DEMAND_WEEKLY, OFFERED_DAYS, PRODUCT_MONTHS
from datalake.periods import end_day, first_day

SERIES = ("product_id", "currency")

OFFERED_MONTHS = 14
"""OFFERED_DAYS after any day of a month lie in at most that many months after it."""


class AccountingError(Exception):
    """A table does not add up to what it was made from: a defect of this function."""


def product_months(orders: pl.DataFrame, returns: pl.DataFrame) -> pl.DataFrame:
    """PRODUCT_MONTHS of a month from its MERGED_ORDERS and MERGED_RETURNS."""
    sold = goods(orders).group_by(SERIES).agg(*SOLD)
    returned = goods(returns).group_by(SERIES).agg(*RETURNED)
    both = pl.concat(
        [goods(lines).select(*SERIES, "description", "ordered_at") for lines in (orders, returns)]
    )
    named = (
        both.sort("ordered_at", "description", nulls_last=False)
        .group_by(SERIES)
        .agg(
            pl.col("description").drop_nulls().last(),
            DAY.min().alias("first_day"),
            DAY.max().alias("last_day"),
        )
    )
    return (
        outer(sold, returned, SERIES)
        .join(named, on=SERIES)
        .with_columns(NET_REVENUE)
        .select(PRODUCT_MONTHS.schema.names())
        .sort(SERIES)
        .collect()
    )


def offered(sold: pl.DataFrame, first: date, through: date) -> pl.DataFrame:
    """SERIES that are still offered on day `first`, each `until` a day, at most `through`.

    `sold` has SERIES with a `last_day` before `first`, from PRODUCT_MONTHS.
    """
    until = (pl.col("last_day").max() + pl.duration(days=OFFERED_DAYS)).alias("until")
    return (
        sold.group_by(SERIES)
        .agg(until)
        .filter(pl.col("until") >= first)
        .with_columns(pl.min_horizontal("until", pl.lit(through)))
        .sort(SERIES)
    )


def demand_daily(
    orders: pl.DataFrame,
    returns: pl.DataFrame,
    before: pl.DataFrame,
    month: str,
    through: date,
) -> pl.DataFrame:
    """DEMAND_DAILY of a month from its MERGED_ORDERS and MERGED_RETURNS.

    `before` has the SERIES that are offered from earlier months on, and `until` when; `through` is
    the last day. Raises AccountingError.
    """
    group = [*SERIES, "day"]
    outliers = pl.col("quantity").filter("is_outlier").sum().alias("outlier_units")
    sold = goods(orders).group_by(group).agg(*SOLD, outliers)
    returned = goods(returns).group_by(group).agg(*RETURNED)
    facts = outer(sold, returned, group).collect()
    begun = facts.group_by(SERIES).agg(pl.col("day").min().alias("start"))
    days = pl.date_range(first_day(month), through, eager=True).alias("day").to_frame()
    demand = (
        before.lazy()
        .join(begun.lazy(), on=SERIES, how="full", coalesce=True)
        .join(days.lazy(), how="cross")
        .filter((pl.col("day") <= pl.col("until")) | (pl.col("day") >= pl.col("start")))
        .join(facts.lazy(), on=group, how="left")
        .pipe(zeros)
        .with_columns(NET_REVENUE, ratio("revenue", "units").alias("unit_price"))
        .select(DEMAND_DAILY.schema.names())
        .sort(DEMAND_DAILY.key)
        .collect()
    )
    for name in ("units", "returned_units", "revenue", "returned_amount"):
        expected, found = facts[name].sum(), demand[name].sum()
        if expected != found:
            raise AccountingError(f"demand_daily {month}: {name} is {found}, not {expected}")
    return demand


def demand_weekly(days: pl.DataFrame, month: str) -> pl.DataFrame:
    """DEMAND_WEEKLY: the weeks whose Monday is in a month, from DEMAND_DAILY of it and the next."""
    sums = ("orders", "units", "returned_units", "revenue", "returned_amount", "outlier_units")
    return (
        days.lazy()
        .with_columns(pl.col("day").dt.truncate("1w").alias("week"))
        .filter(pl.col("week").is_between(first_day(month), end_day(month), closed="left"))
        .group_by(DEMAND_WEEKLY.key)
        .agg(pl.len().cast(pl.Int64).alias("days"), pl.col(sums).sum())
        .with_columns(NET_REVENUE, ratio("revenue", "units").alias("unit_price"))
        .select(DEMAND_WEEKLY.schema.names())
        .sort(DEMAND_WEEKLY.key)
        .collect()
    )
