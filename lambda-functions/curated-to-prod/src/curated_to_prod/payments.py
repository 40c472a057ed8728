"""Features of payments for the detection of fraud, each from what is known at its time."""

from __future__ import annotations

import polars as pl

from datalake.contracts.prod import (
    FRAUD_DELAY,
    FRAUD_LABEL,
    FRAUD_WINDOWS,
    TRANSACTION_FEATURES,
)
from datalake.periods import end_day, first_day

LOOKBACK_MONTHS = 2
"""How far the windows reach: 37 days before the first of March lie in January."""

_TIME = "transacted_at"
_LAST_NIGHT_HOUR = 6


def transaction_features(transactions: pl.DataFrame, month: str) -> pl.DataFrame:
    """TRANSACTION_FEATURES of a month from MERGED_TRANSACTIONS of it and LOOKBACK_MONTHS before.

    Windows (t - d, t] of the customer and (t - 7 - d, t - 7] of the terminal, as in the Fraud
    Detection Handbook, chapter 3.
    """
    reach = pl.lit(first_day(month)) - pl.duration(days=FRAUD_DELAY + max(FRAUD_WINDOWS))
    rows = transactions.filter(pl.col(_TIME).dt.date() >= reach).with_columns(
        # In ten-thousandths, so that sums are exact whatever the order, and wide enough for any.
        (pl.col("amount") * 10_000).cast(pl.Int128).alias("minor"),
        pl.col(FRAUD_LABEL).fill_null(value=False).cast(pl.Int64).alias("fraud"),
        (pl.col(_TIME).dt.weekday() >= 6).alias("is_weekend"),
        (pl.col(_TIME).dt.hour() <= _LAST_NIGHT_HOUR).alias("is_night"),
    )
    at_terminal = rows.filter(pl.col("terminal_id").is_not_null())
    elsewhere = rows.filter(pl.col("terminal_id").is_null())
    rows = pl.concat([_of_terminals(at_terminal), elsewhere], how="diagonal")
    first, end = pl.lit(first_day(month)), pl.lit(end_day(month))
    return (
        _of_customers(rows)
        .filter(pl.col(_TIME).dt.date().is_between(first, end, closed="left"))
        .select(TRANSACTION_FEATURES.schema.names())
        .sort(TRANSACTION_FEATURES.key)
    )


def _of_customers(rows: pl.DataFrame) -> pl.DataFrame:
    for days in FRAUD_WINDOWS:
        window = _windows(rows, ("customer_id", "currency"), f"{days}d", f"-{days}d", "minor")
        rows = window.with_columns(
            pl.col("count").alias(f"customer_count_{days}d"),
            (pl.col("sum") / pl.col("count") / 10_000).alias(f"customer_mean_amount_{days}d"),
        )
    return rows


def _of_terminals(rows: pl.DataFrame) -> pl.DataFrame:
    for days in FRAUD_WINDOWS:
        offset = f"-{days + FRAUD_DELAY}d"
        window = _windows(rows, ("terminal_id",), f"{days}d", offset, "fraud")
        count = pl.col("count")
        risk = pl.when(count > 0).then(pl.col("sum") / count).otherwise(0.0)
        rows = window.with_columns(
            count.alias(f"terminal_count_{days}d"), risk.alias(f"terminal_fraud_risk_{days}d")
        )
    return rows


def _windows(
    rows: pl.DataFrame, group: tuple[str, ...], period: str, offset: str, summed: str
) -> pl.DataFrame:
    """The rows sorted by group and time, with `count` and `sum` over (t + offset, … + period]."""
    order = [*group, _TIME]
    rows = rows.sort(order)
    windows = (
        rows.rolling(_TIME, period=period, offset=offset, group_by=list(group))
        .agg(pl.len().cast(pl.Int64).alias("count"), pl.col(summed).sum().alias("sum"))
        # rolling() gives a row for each row, in groups of any order. Rows of the same instant have
        # the same window, so sorting alike puts each beside its own.
        .sort(order)
    )
    return rows.with_columns(windows["count"], windows["sum"])
