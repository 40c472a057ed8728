"""Days of customers → segments, cohorts, recommendations, and a card of each customer."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from datalake.contracts.prod import CUSTOMER_DAYS, MERGED_ORDERS
from datalake.snapshot import ContentCache, Snapshot, data_version
from datalake.storage import ObjectStorage
from demand_insights_engine.adapter import BatchSettings
from demand_insights_engine.customers.insights_rows import tables
from demand_insights_engine.customers.tables import CUSTOMER_CARDS, CUSTOMER_TABLES
from demand_insights_engine.insights import InsightsOfSource
from demand_insights_engine.version import methods_version
from lambda_app.observability import count, logger

_CACHE_BYTES = 64 * 1024**2
_cache = ContentCache(_CACHE_BYTES)
"""Months that did not change are not read again by later invocations."""
_BOUGHT = ("customer_id", "product_id", "ordered_at", "line_type")


def update(storage: ObjectStorage, settings: BatchSettings, source: str) -> None:
    """Make the insights on a source's customers as of the day after its last one.

    Raises ChangedError or PreconditionFailedError where the data changed meanwhile: a retry starts
    from what is there then.
    """
    files = InsightsOfSource(storage, settings.insights_bucket, source, CUSTOMER_TABLES)
    snapshot = Snapshot(storage, settings.prod_bucket, source, _cache)
    months = snapshot.periods(CUSTOMER_DAYS)
    lines = snapshot.periods(MERGED_ORDERS)
    inputs = [
        *snapshot.partitions(CUSTOMER_DAYS, months),
        *snapshot.partitions(MERGED_ORDERS, lines),
    ]
    versions = {"model_version": methods_version(), "data_version": data_version(inputs)}
    if files.are_of(versions):
        return
    days = snapshot.rows(CUSTOMER_DAYS, months)
    if days.is_empty():
        return
    bought = (
        snapshot.rows(MERGED_ORDERS, lines, _BOUGHT)
        .filter(pl.col("customer_id").is_not_null() & (pl.col("line_type") == "product"))
        .select("customer_id", "product_id", pl.col("ordered_at").dt.date().alias("day"))
    )
    (last,) = days.select(pl.col("day").max()).row(0)
    found = tables(days, bought, last + timedelta(days=1))
    files.write(found, versions)
    customers = found[CUSTOMER_CARDS].height
    count("CustomersAssessed", customers)
    logger.info("customers assessed", extra={"source": source, "customers": customers})
