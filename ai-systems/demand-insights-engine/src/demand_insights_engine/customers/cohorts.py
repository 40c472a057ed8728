"""Retention: what share of the customers won in a month buys in each later month."""

from __future__ import annotations

from datetime import date

import polars as pl

from demand_insights_engine.customers.transactions import purchase_days
from modelkit.shares import share

_SCHEMA = {
    "cohort": pl.String,
    "months_since": pl.Int64,
    "customers": pl.Int64,
    "active": pl.Int64,
    "retention": pl.Float64,
    "lower": pl.Float64,
    "upper": pl.Float64,
    "is_first": pl.Boolean,
}


def retention(days: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """By month of first purchase (`cohort`, as 2011-01) and `months_since` it: `customers` of the
    cohort, how many were `active`, and their share with a 95 % interval (Wilson).

    Only months that are over at `as_of`, and months without any active customer too. `is_first`
    marks the source's first month, whose customers may have bought before it. Raises
    TransactionsError.
    """
    month = (pl.col("day").dt.year() * 12 + pl.col("day").dt.month() - 1).cast(pl.Int64)
    bought = (
        purchase_days(days, as_of.replace(day=1))
        .select("customer_id", month.alias("month"))
        .unique()
        .with_columns(pl.col("month").min().over("customer_id").alias("cohort"))
    )
    if bought.is_empty():
        return pl.DataFrame(schema=_SCHEMA)
    last = as_of.year * 12 + as_of.month - 2
    counts = {
        (cohort, month): count
        for cohort, month, count in bought.group_by("cohort", "month").len().iter_rows()
    }
    first = min(cohort for cohort, _ in counts)
    rows = []
    for cohort in sorted({cohort for cohort, _ in counts}):
        customers = counts[cohort, cohort]
        for at in range(cohort, last + 1):
            active = counts.get((cohort, at), 0)
            found = share(active, customers)
            if found is None:
                continue
            name = f"{cohort // 12:04}-{cohort % 12 + 1:02}"
            bounds = (found.value, found.lower, found.upper)
            rows.append((name, at - cohort, customers, active, *bounds, cohort == first))
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")
