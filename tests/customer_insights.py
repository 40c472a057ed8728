"""Insights on made-up customers, as the batch writes them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import polars as pl

from customer_days import FIRST, days_of, simulate
from datalake.contracts.insights import InsightsTable
from datalake.contracts.prod import CUSTOMER_DAYS
from datalake.files import encode
from demand_insights_engine.customers import insights_rows

NAME = "A/1, Ünsal? #2%2F"
"""Of a customer, as sources may have them."""
QUIET = "quiet"
"""Of a customer whom nothing is recommended to."""
ONLY_RETURNS = "only returns"
VERSIONS = {"model_version": "1.0+0123456789ab", "data_version": "0123456789abcdef"}


def customer_days() -> pl.DataFrame:
    """130 customers in 250 days, in euros."""
    days = simulate(128, 5, days=250, alpha=3.0).with_columns(
        customer_id=pl.col("customer_id").replace("c00001", NAME)
    )
    few = days_of((QUIET, 3, 8.0), (ONLY_RETURNS, 5, None, 4.0))
    money = CUSTOMER_DAYS.schema["amount"]
    return pl.concat([days, few]).with_columns(
        pl.col("amount", "returned_amount").cast(money), currency=pl.lit("EUR")
    )


def products_bought() -> pl.DataFrame:
    """Odd customers buy tea and teapots, the others lamps and bulbs; NAME has no teapot yet."""
    names = [NAME if number == 1 else f"c{number:05}" for number in range(60)]
    return pl.DataFrame(
        [
            (name, product, FIRST)
            for number, name in enumerate(names)
            for product in (("tea", "teapot") if number % 2 else ("lamp", "bulb"))
            if (name, product) != (NAME, "teapot")
        ],
        schema={"customer_id": pl.String, "product_id": pl.String, "day": pl.Date},
        orient="row",
    )


@cache
def customer_insights() -> Mapping[InsightsTable, pl.DataFrame]:
    """Their rows with versions, as of the day after the last one."""
    days = customer_days()
    (after,) = days.select(pl.col("day").max().dt.offset_by("1d")).row(0)
    found = insights_rows.tables(days, products_bought(), after)
    return {
        table: rows.with_columns(**{name: pl.lit(value) for name, value in VERSIONS.items()})
        for table, rows in found.items()
    }


def files(*currencies: str) -> dict[InsightsTable, bytes]:
    """The content of each table's file; the same customers in every currency."""
    found = {}
    for table, rows in customer_insights().items():
        if "currency" in rows.columns:
            rows = pl.concat(rows.with_columns(currency=pl.lit(one)) for one in currencies)
        found[table] = encode(table, rows.sort(table.key))
    return found
