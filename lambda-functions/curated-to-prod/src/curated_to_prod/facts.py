"""Key figures for people: few enough to be read whole by an assistant."""

from __future__ import annotations

import polars as pl

from curated_to_prod.sales import ratio
from datalake.contracts.prod import AMOUNT, COPILOT_FACTS

FIRST = 20
_COUNTS = {"orders": "orders", "customers": "customers", "products": "products"}
_UNITS = {**_COUNTS, "units": "pieces", "returned_units": "pieces", "returns_rate": "fraction"}
_AMOUNTS = ("revenue", "returned_amount", "net_revenue")


def copilot_facts(
    countries: pl.DataFrame, products: pl.DataFrame, customers: pl.DataFrame
) -> pl.DataFrame:
    """COPILOT_FACTS of a source from COUNTRY_MONTHS (plus `month`), PRODUCT_MONTHS (plus `month`)
    and CUSTOMER_DAYS of the months that the facts are of."""
    span = products.group_by("currency").agg(pl.col("first_day").min(), pl.col("last_day").max())
    months = products.group_by("month", "currency").agg(
        pl.col("first_day").min(),
        pl.col("last_day").max(),
        pl.col("product_id").n_unique().cast(pl.Int64).alias("products"),
    )
    buyers = customers.filter(pl.col("orders") > 0).with_columns(
        pl.col("day").dt.strftime("%Y-%m").alias("month")
    )
    distinct = pl.col("customer_id").n_unique().cast(pl.Int64).alias("customers")
    sums = ("orders", "units", "returned_units", *_AMOUNTS)
    total = (
        countries.group_by("currency")
        .agg(pl.col(sums).sum())
        .join(span, on="currency")
        .join(buyers.group_by("currency").agg(distinct), on="currency", how="left")
        .join(
            products.group_by("currency").agg(
                pl.col("product_id").n_unique().cast(pl.Int64).alias("products")
            ),
            on="currency",
        )
        .with_columns(pl.lit("all").alias("member"), pl.lit("all").alias("label"))
    )
    month = (
        countries.group_by("month", "currency")
        .agg(pl.col(sums).sum())
        .join(months, on=["month", "currency"])
        .join(
            buyers.group_by("month", "currency").agg(distinct), on=["month", "currency"], how="left"
        )
        .with_columns(pl.col("month").alias("member"), pl.col("month").alias("label"))
    )
    product = (
        products.sort("month")
        .group_by("product_id", "currency")
        .agg(pl.col(sums).sum(), pl.col("description").drop_nulls().last().alias("label"))
        .rename({"product_id": "member"})
        .with_columns(pl.coalesce("label", "member"))
        .join(span, on="currency")
    )
    country = (
        countries.group_by("country", "currency")
        .agg(pl.col(sums).sum())
        .rename({"country": "member"})
        .with_columns(pl.col("member").alias("label"))
        .join(span, on="currency")
    )
    facts = [
        _facts("total", total, ranked=False),
        _facts("month", month, ranked=False),
        _facts("product", product, ranked=True),
        _facts("country", country, ranked=True),
    ]
    return pl.concat(facts).select(COPILOT_FACTS.schema.names()).sort(COPILOT_FACTS.key)


def _facts(dimension: str, members: pl.DataFrame, *, ranked: bool) -> pl.DataFrame:
    """One row per member and metric; of a ranked dimension the FIRST members by revenue."""
    rank = pl.lit(None, dtype=pl.Int64)
    if ranked:
        # The name decides between equal revenues.
        members = members.sort(["revenue", "member"], descending=[True, False])
        rank = pl.int_range(1, pl.len() + 1).over("currency")
    members = members.with_columns(
        rank.alias("rank"), ratio("returned_amount", "revenue").alias("returns_rate")
    )
    if ranked:
        members = members.filter(pl.col("rank") <= FIRST)
    metrics = [name for name in (*_UNITS, *_AMOUNTS) if name in members.columns]
    unit = pl.col("metric").replace_strict(_UNITS, default=pl.col("currency"))
    return (
        members.with_columns(pl.col(pl.Int64, AMOUNT).exclude("rank").cast(pl.Float64))
        .unpivot(
            on=metrics,
            index=["member", "label", "currency", "rank", "first_day", "last_day"],
            variable_name="metric",
        )
        # No revenue, no rate.
        .filter(pl.col("value").is_not_null())
        .with_columns(pl.lit(dimension).alias("dimension"), unit.alias("unit"))
        .select(COPILOT_FACTS.schema.names())
    )
