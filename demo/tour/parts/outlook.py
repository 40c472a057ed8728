"""What the shop may expect: demand for its best product, and what to order of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import polars as pl
from rich.console import RenderableType

from datalake.contracts.insights import DEMAND_FORECASTS, DEMAND_SERIES, STOCK_ADVICE
from datalake.contracts.prod import PRODUCT_MONTHS
from fleet import console
from tour.parts.answers import SOURCE

if TYPE_CHECKING:
    from tour.demo import Demo

TITLE = "What to expect"
WEEKS = 4


def show(demo: Demo) -> Iterator[RenderableType]:
    """The next weeks of the product that earned most."""
    platform = demo.platform
    yield from best_product(
        platform.rows(PRODUCT_MONTHS, SOURCE),
        platform.rows(DEMAND_SERIES, SOURCE, "insights"),
        platform.rows(DEMAND_FORECASTS, SOURCE, "insights"),
        platform.rows(STOCK_ADVICE, SOURCE, "insights"),
    )


def best_product(
    months: pl.DataFrame, series: pl.DataFrame, forecasts: pl.DataFrame, advice: pl.DataFrame
) -> Iterator[RenderableType]:
    """The next weeks of the product with the most revenue, less returns, of those forecast, and
    when to order it."""
    products = series.filter(pl.col("level") == "product")
    earned = months.group_by("product_id", "currency").agg(
        pl.col("description").drop_nulls().last(), pl.col("net_revenue").sum()
    )
    found = earned.join(
        products, left_on=["product_id", "currency"], right_on=["name", "currency"]
    ).sort("net_revenue", "product_id", descending=[True, False])
    if found.is_empty():
        yield "No product has a forecast."
        return
    best = found.row(0, named=True)
    name = console.escape(" ".join((best["description"] or best["product_id"]).split()))
    yield f"Demand for {name}, forecast by {_how(best)}:"
    is_best = (pl.col("name") == best["product_id"]) & (pl.col("currency") == best["currency"])
    weeks = forecasts.filter(is_best, pl.col("level") == "product")
    table = console.table(["week from"], ["median", "90 % interval", "mean", "seasonal naive"])
    for row in weeks.sort("week").head(WEEKS).iter_rows(named=True):
        table.add_row(
            str(row["week"]),
            f"{row['q50']:,.0f}",
            f"{row['q05']:,.0f} to {row['q95']:,.0f}",
            f"{row['mean']:,.0f}",
            f"{row['baseline']:,.0f}",
        )
    yield table
    for row in advice.filter(is_best).iter_rows(named=True):
        yield (
            f"With {row['lead_weeks']} weeks from an order to its arrival, order up to "
            f"{row['order_up_to']:,} when {row['reorder_point']:,} or fewer are in stock and on "
            f"order: enough in {row['service']:.0%} of weeks."
        )


def _how(series: dict[str, Any]) -> str:
    """The members, and what they save of the error of the seasonal naive forecast."""
    if series["is_baseline"] or not series["error"] or not series["baseline_error"]:
        return str(series["members"])
    saved = 1 - series["error"] / series["baseline_error"]
    return f"the median of {series['members']}; error {saved:.0%} below the seasonal naive forecast"
