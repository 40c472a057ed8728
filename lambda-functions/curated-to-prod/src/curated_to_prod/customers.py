"""Customers: what they bought on which day, and features as of a date."""

from __future__ import annotations

from datetime import date

import polars as pl

from curated_to_prod.sales import RETURNED, SOLD, goods, ratio, zeros
from datalake.contracts.prod import (
    ACTIVE_MONTHS,
    AMOUNT,
    CUSTOMER_DAYS,
    CUSTOMER_FEATURES,
    CUSTOMER_HISTORIES,
)
from datalake.periods import first_day, shift

WINDOW_MONTHS = 12
"""The longest window before the first of a month lies in that many months before it."""

_CUSTOMER = ("customer_id", "currency")
_WINDOWS = (30, 90, 365)
_SUMS = ("orders", "units", "returns", "amount", "returned_amount")
_IS_PURCHASE = pl.col("orders") > 0


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


def customer_histories(
    before: pl.DataFrame, former: pl.DataFrame, days: pl.DataFrame, month: str
) -> pl.DataFrame:
    """CUSTOMER_HISTORIES of a month from its CUSTOMER_DAYS and two earlier sets of histories.

    `before` are those of the last month that has any. `former` are those of customers who may have
    left the snapshots, each customer once.
    """
    key = list(_CUSTOMER)
    back = former.lazy().join(days.lazy(), on=key, how="semi")
    known = pl.concat([before.lazy(), back.join(before.lazy(), on=key, how="anti")])
    purchases = (
        days.lazy()
        .filter(_IS_PURCHASE)
        .join(known.select(*key, pl.col("last_day").alias("earlier")), on=key, how="left")
        .sort(*key, "day")
        .with_columns(
            pl.coalesce(pl.col("day").shift(1).over(key), "earlier").alias("earlier"),
        )
        .group_by(key)
        .agg(
            pl.col("day").min().alias("first_day"),
            pl.col("day").max().alias("last_day"),
            (pl.col("day") - pl.col("earlier")).dt.total_days().drop_nulls().alias("gaps"),
            pl.len().cast(pl.Int64).alias("purchase_days"),
        )
    )
    new = (
        days.lazy()
        .group_by(key)
        .agg(
            pl.col(_SUMS).sum(),
            pl.col("country").sort_by("day").drop_nulls().last(),
            pl.col("day").max().alias("seen_on"),
        )
        .join(purchases, on=key, how="left")
    )
    return (
        known.join(new, on=key, how="full", coalesce=True, suffix="_new")
        .with_columns(
            pl.coalesce("country_new", "country").alias("country"),
            pl.coalesce("first_day", "first_day_new").alias("first_day"),
            pl.coalesce("last_day_new", "last_day").alias("last_day"),
            pl.coalesce("seen_on_new", "seen_on").alias("seen_on"),
            pl.concat_list(pl.col(name).fill_null([]) for name in ("gaps", "gaps_new")).alias(
                "gaps"
            ),
            *(
                (_or_zero(name) + _or_zero(f"{name}_new")).cast(dtype).alias(name)
                for name, dtype in CUSTOMER_HISTORIES.schema.items()
                if name in (*_SUMS, "purchase_days")
            ),
        )
        # In the next month's snapshot nobody else can be.
        .filter(pl.col("seen_on") >= first_day(shift(month, 1 - ACTIVE_MONTHS)))
        .select(CUSTOMER_HISTORIES.schema.names())
        .sort(key)
        .collect()
    )


def _or_zero(name: str) -> pl.Expr:
    return pl.col(name).fill_null(0)


def customer_features(histories: pl.DataFrame, days: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """CUSTOMER_FEATURES at the beginning of `as_of` from the latest CUSTOMER_HISTORIES before it,
    and CUSTOMER_DAYS of WINDOW_MONTHS before it.

    Recency, frequency and tenure as Fader, Hardie and Lee (2005) count them: in distinct days.
    """
    age = (pl.lit(as_of) - pl.col("day")).dt.total_days()
    windows = (
        days.lazy()
        .filter(_IS_PURCHASE)
        .with_columns(age=age)
        .group_by(_CUSTOMER)
        .agg(
            pl.col(name).filter(pl.col("age") <= window).sum().alias(f"{name}_{window}d")
            for window in _WINDOWS
            for name in ("orders", "amount")
        )
    )
    known_since = first_day(shift(f"{as_of:%Y-%m}", -ACTIVE_MONTHS))
    # From whole numbers, so that the bytes do not depend on how threads divide the work.
    count, gaps = pl.col("purchase_days") - 1, pl.col("gaps")
    mean = pl.when(count > 0).then(gaps.list.sum() / count)
    squares = gaps.list.eval(pl.element().pow(2)).list.sum()
    variance = (count * squares - gaps.list.sum().pow(2)) / (count * (count - 1))
    deviation = pl.when(count > 1).then(variance.sqrt())
    return (
        histories.lazy()
        .filter(pl.col("last_day") >= known_since)
        .join(windows, on=_CUSTOMER, how="left")
        .pipe(zeros)
        .with_columns(
            (pl.lit(as_of) - pl.col("first_day")).dt.total_days().alias("tenure_days"),
            (pl.lit(as_of) - pl.col("last_day")).dt.total_days().alias("recency_days"),
            (pl.col("amount") - pl.col("returned_amount")).cast(AMOUNT).alias("net_amount"),
            mean.alias("mean_gap_days"),
            gaps.list.median().alias("median_gap_days"),
            deviation.alias("std_gap_days"),
            gaps.list.last().cast(pl.Float64).alias("last_gap_days"),
            ratio("amount", "orders").alias("mean_order_amount"),
            ratio("returned_amount", "amount").alias("returns_rate"),
        )
        .select(CUSTOMER_FEATURES.schema.names())
        .sort(_CUSTOMER)
        .collect()
    )
