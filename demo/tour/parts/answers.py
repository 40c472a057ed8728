"""Three answers that the owner of the shop would read, from the tables in the prod bucket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import polars as pl
from rich.console import RenderableType

from datalake.contracts.prod import CUSTOMER_DAYS, PRODUCT_MONTHS
from fleet import console

if TYPE_CHECKING:
    from tour.demo import Demo

TITLE = "Three answers"
SOURCE = "online-retail"
BEST = 3
WITHIN_DAYS = 90
COHORT = 20
"""Customers that a month needs to be compared; the share of fewer is chance."""


def show(demo: Demo) -> Iterator[RenderableType]:
    """What sold best, what came back, and who bought again."""
    months = demo.platform.rows(PRODUCT_MONTHS, SOURCE)
    yield from best_sellers(months)
    yield returned(months)
    yield bought_again(demo.platform.rows(CUSTOMER_DAYS, SOURCE))


def best_sellers(months: pl.DataFrame) -> Iterator[RenderableType]:
    """The products with the most revenue, less returns, in the last month of `product_months`."""
    if months.is_empty():
        yield "Nothing was sold."
        return
    last = months.filter(pl.col("month") == pl.col("month").max())
    yield f"Best-selling products of {last['month'][0]}, up to {last['last_day'].sort()[-1]}:"
    table = console.table(["product"], ["units", "returned", "revenue less returns"])
    best = last.sort("net_revenue", "product_id", descending=[True, False]).head(BEST)
    for row in best.iter_rows(named=True):
        units, back = f"{row['units']:,}", f"{row['returned_units']:,}"
        table.add_row(_name(row), units, back, _money(row["net_revenue"], row["currency"]))
    yield table


def returned(months: pl.DataFrame) -> str:
    """The share of returns in the revenue of `product_months`, and the product with the most."""
    products = months.group_by("product_id", "currency").agg(
        pl.col("description").drop_nulls().last(), pl.col("revenue", "returned_amount").sum()
    )
    sums = products.group_by("currency").agg(pl.col("revenue", "returned_amount").sum())
    for total in sums.sort("revenue", descending=True).head(1).iter_rows(named=True):
        if not total["returned_amount"] or not total["revenue"]:
            break
        most = products.filter(pl.col("currency") == total["currency"])
        most = most.sort("returned_amount", "product_id", descending=[True, False])
        row = most.row(0, named=True)
        return (
            f"Returns: {total['returned_amount'] / total['revenue']:.1%} of the revenue of "
            f"{_money(total['revenue'], total['currency'])}. Most returned: {_name(row)}, "
            f"{_money(row['returned_amount'], row['currency'])}."
        )
    return "Nothing was returned."


def bought_again(days: pl.DataFrame) -> str:
    """How many customers of `customer_days` bought on another day within 90 days of their first.

    Those who came in the last 90 days may still do so, and are left out.
    """
    within = pl.duration(days=WITHIN_DAYS)
    first, second = pl.col("first"), pl.col("second")
    customers = (
        days.with_columns(end=pl.col("day").max())
        .filter(pl.col("orders") > 0)
        .group_by("customer_id")
        .agg(pl.col("end").first(), pl.col("day").unique().sort())
        .select(
            "end",
            first=pl.col("day").list.first(),
            second=pl.col("day").list.get(1, null_on_oob=True),
        )
        .filter(first + within <= pl.col("end"))
        .select(
            month=first.dt.strftime("%Y-%m"),
            again=(second <= first + within).fill_null(value=False),
        )
    )
    if customers.is_empty():
        return f"No customer has been known for {WITHIN_DAYS} days."
    text = (
        f"Bought again within {WITHIN_DAYS} days of the first purchase: "
        f"{customers['again'].sum() / customers.height:.0%} of {customers.height:,} customers"
    )
    cohorts = (
        customers.group_by("month")
        .agg(pl.col("again").mean(), pl.len())
        .filter(pl.col("len") >= COHORT)
        .sort("again", "month", descending=[True, False])
    )
    if cohorts.height < 2:
        return f"{text}."
    best, worst = cohorts.row(0, named=True), cohorts.row(-1, named=True)
    return (
        f"{text}; at best {best['again']:.0%} (first in {best['month']}), "
        f"at worst {worst['again']:.0%} ({worst['month']})."
    )


def _name(row: dict[str, Any]) -> str:
    return console.escape(" ".join((row["description"] or row["product_id"]).split()))


def _money(amount: Any, currency: str) -> str:
    return f"{amount:,.2f} {currency}"
