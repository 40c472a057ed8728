"""What a customer's purchases say as of a date: frequency, recency, age and monetary value.

As Fader, Hardie and Lee ("Counting your customers the easy way", 2005) count them, in days with a
purchase and in weeks; everything is known at the beginning of the day `as_of`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

DAYS_A_WEEK = 7
COLUMNS = ("customer_id", "day", "orders", "amount", "returned_amount")
"""What `purchase_days` reads, with the types of the prod table customer_days or other numbers."""

_MOST_AMOUNT = 1e15  # beyond it a float no longer holds cents


class TransactionsError(ValueError):
    """The days are not what customers' figures can be made of; the message says why."""


@dataclass(frozen=True)
class Histories:
    """Customers with a purchase before `as_of`, sorted by `customer_id`; an array element each.

    `frequency` counts purchase days after the first one, `recency` is the time in weeks from the
    first to the last of them, `age` that from the first to the last day before `as_of`.
    `monetary_value` is the mean amount of the purchase days after the first, 0 without any.
    """

    as_of: date
    customer_id: pl.Series
    first_day: pl.Series
    last_day: pl.Series
    frequency: Floats
    recency: Floats
    age: Floats
    monetary_value: Floats
    amount: Floats
    returned_amount: Floats

    def __len__(self) -> int:
        return len(self.customer_id)

    def part(self, begin: int, end: int) -> Histories:
        """The customers from number `begin` until before `end`."""
        columns = {
            field.name: getattr(self, field.name)[begin:end]
            for field in fields(self)
            if field.name != "as_of"
        }
        return Histories(self.as_of, **columns)


def purchase_days(days: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """`customer_id`, `day` and net `amount` of each day with a purchase before `as_of`.

    `days` has COLUMNS, at most one row for a customer and day. A day counts if it has an order
    and not all of it was given back on the same day. Raises TransactionsError.
    """
    return (
        _checked(days)
        .filter(pl.col("day") < as_of)
        .with_columns((pl.col("amount") - pl.col("returned_amount")).alias("net"))
        .filter((pl.col("orders") > 0) & ((pl.col("net") > 0) | (pl.col("returned_amount") == 0)))
        .select("customer_id", "day", pl.col("net").alias("amount"))
        .sort("customer_id", "day")
    )


def histories(days: pl.DataFrame, as_of: date) -> Histories:
    """The history of each customer with a purchase before `as_of`; `days` as `purchase_days`.

    Raises TransactionsError.
    """
    last = as_of - timedelta(days=1)
    in_order = pl.col("amount").sort_by("day")
    bought = (
        purchase_days(days, as_of)
        # In one order, so that sums do not depend on how threads divide the work.
        .group_by("customer_id", maintain_order=True)
        .agg(
            pl.col("day").min().alias("first_day"),
            pl.col("day").max().alias("last_day"),
            (pl.len() - 1).cast(pl.Float64).alias("frequency"),
            in_order.slice(1).mean().fill_null(0.0).alias("monetary_value"),
        )
    )
    totals = (
        _checked(days)
        .filter(pl.col("day") < as_of)
        .sort("customer_id", "day")
        .group_by("customer_id", maintain_order=True)
        .agg(pl.col("amount", "returned_amount").sum())
    )
    rows = bought.join(totals, on="customer_id").sort("customer_id")

    def weeks(until: pl.Expr) -> pl.Expr:
        return (until - pl.col("first_day")).dt.total_days() / DAYS_A_WEEK

    rows = rows.with_columns(
        weeks(pl.col("last_day")).alias("recency"), weeks(pl.lit(last)).alias("age")
    )
    return Histories(
        as_of,
        rows["customer_id"],
        rows["first_day"],
        rows["last_day"],
        *(
            rows[name].to_numpy()
            for name in (
                "frequency",
                "recency",
                "age",
                "monetary_value",
                "amount",
                "returned_amount",
            )
        ),
    )


def _checked(days: pl.DataFrame) -> pl.DataFrame:
    """The days with amounts as floats. Raises TransactionsError where a value cannot be used."""
    if missing := [name for name in COLUMNS if name not in days.columns]:
        raise TransactionsError(f"days of customers lack {', '.join(missing)}")
    amounts = ("amount", "returned_amount")
    days = days.select(COLUMNS).with_columns(pl.col(amounts).cast(pl.Float64))
    rules = {
        "customer_id": (pl.col("customer_id").is_null(), "a name"),
        "day": (pl.col("day").is_null(), "a date"),
        "orders": (pl.col("orders").is_null() | (pl.col("orders") < 0), "0 or more"),
        **{
            name: (
                ~(pl.col(name).is_finite() & pl.col(name).is_between(0, _MOST_AMOUNT)).fill_null(
                    value=False
                ),
                f"from 0 to {_MOST_AMOUNT:.0e}",
            )
            for name in amounts
        },
    }
    for name, (broken, rule) in rules.items():
        bad = days.filter(broken)
        if bad.height:
            row = bad.row(0, named=True)
            raise TransactionsError(
                f"customer {row['customer_id']!r}, day {row['day']}: {name} is {row[name]!r}; it "
                f"must be {rule}"
            )
    if days.select("customer_id", "day").is_duplicated().any():
        raise TransactionsError(
            "a customer has several rows for a day; add up a currency at a time"
        )
    return days
