"""How often recommended products are bought, beside the most popular ones.

The last 90 days of the lines are held back. For each customer known before them who then buys a
product for the first time, 10 products that the customer has not bought are recommended.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
from cdnow import PurchasesError
from customer_measures import Measure, with_interval

from demand_insights_engine.customers.recommendations import recommend

HORIZON_DAYS = 90
_MOST = 10
_SHELF = 200
_PAIR = ["customer_id", "product_id"]


def evaluate(lines: pl.DataFrame, *, seed: int) -> dict[str, Any]:
    """Precision at 10 and customers with a hit; `lines` as `customer_lines.read_lines` gives them.

    Raises PurchasesError.
    """
    sold = lines.filter(pl.col("quantity") > 0)
    last = sold["day"].max()
    if not isinstance(last, date):
        raise PurchasesError("there are no purchases")
    as_of = last + timedelta(days=1 - HORIZON_DAYS)
    past = sold.filter(pl.col("day") < as_of).select(_PAIR).unique()
    new = (
        sold.filter(pl.col("day") >= as_of)
        .select(_PAIR)
        .unique()
        .join(past, on=_PAIR, how="anti")
        .join(past.select("customer_id").unique(), on="customer_id", how="semi")
    )
    if new.is_empty():
        raise PurchasesError(f"no customer known before {as_of} bought a new product from then on")
    buyers = new.select("customer_id").unique().sort("customer_id")
    lists = {
        "recommendations": recommend(sold, as_of, _MOST).select(_PAIR),
        "the most popular": _popular(past, buyers),
    }
    return {
        "as of": as_of.isoformat(),
        "customers with a new product": buyers.height,
        f"precision at {_MOST}": {
            name: _precision(given, new, buyers, seed) for name, given in lists.items()
        },
        "share of customers with a hit": {
            name: _hit_rate(given, new, buyers, seed) for name, given in lists.items()
        },
    }


def _popular(past: pl.DataFrame, buyers: pl.DataFrame) -> pl.DataFrame:
    """The most popular products that each buyer has not bought, of the _SHELF most popular."""
    shelf = (
        past.group_by("product_id")
        .len()
        .sort(["len", "product_id"], descending=[True, False])
        .head(_SHELF)
    )
    return (
        buyers.join(shelf, how="cross", maintain_order="left_right")
        .join(past, on=_PAIR, how="anti", maintain_order="left")
        .group_by("customer_id", maintain_order=True)
        .head(_MOST)
        .select(_PAIR)
    )


def _counted(given: pl.DataFrame, new: pl.DataFrame, buyers: pl.DataFrame) -> Any:
    """Hits and recommendations of each buyer, two arrays."""
    hits = given.join(new, on=_PAIR, how="semi").group_by("customer_id").len("hits")
    rows = (
        buyers.join(hits, on="customer_id", how="left", maintain_order="left")
        .join(
            given.group_by("customer_id").len("given"),
            on="customer_id",
            how="left",
            maintain_order="left",
        )
        .fill_null(0)
    )
    return rows["hits"].to_numpy().astype(float), rows["given"].to_numpy().astype(float)


def _precision(given: pl.DataFrame, new: pl.DataFrame, buyers: pl.DataFrame, seed: int) -> Measure:
    hits, counts = _counted(given, new, buyers)
    return with_interval(
        lambda hit, count: float(hit.sum() / count.sum()) if count.any() else float("nan"),
        hits,
        counts,
        seed=seed,
    )


def _hit_rate(given: pl.DataFrame, new: pl.DataFrame, buyers: pl.DataFrame, seed: int) -> Measure:
    hits, counts = _counted(given, new, buyers)
    return with_interval(lambda hit, _: float(np.mean(hit > 0)), hits, counts, seed=seed)
