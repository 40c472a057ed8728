"""Days of customers → segments, cohorts, recommendations, and a card of each customer."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from datalake.contracts.insights import CUSTOMER_CARDS, CUSTOMER_TABLES
from datalake.contracts.prod import CUSTOMER_DAYS, MERGED_ORDERS
from datalake.snapshot import ContentCache, Snapshot
from datalake.storage import ObjectStorage
from demand_insights_engine.adapter import BatchSettings
from demand_insights_engine.customers.insights_rows import tables
from demand_insights_engine.insights import InsightsOfSource, versions_of
from lambda_app.observability import count, logger

_CACHE_BYTES = 64 * 1024**2
_cache = ContentCache(_CACHE_BYTES)
"""Months that did not change are not read again by later invocations."""
_BOUGHT = ("customer_id", "product_id", "ordered_at", "line_type")


def update(storage: ObjectStorage, settings: BatchSettings, source: str) -> None:
    """Assess the customers of a source as of the day after its last one, unless that was done from
    these months.

    Raises ChangedError or PreconditionFailedError where the data changed meanwhile: a retry
    starts from the newer data.
    """
    files = InsightsOfSource(storage, settings.insights_bucket, source, CUSTOMER_TABLES)
    snapshot = Snapshot(storage, settings.prod_bucket, source, _cache)
    versions = versions_of(snapshot, CUSTOMER_DAYS, MERGED_ORDERS)
    if files.are_of(versions):
        return
    days = snapshot.rows(CUSTOMER_DAYS, snapshot.periods(CUSTOMER_DAYS))
    bought = (
        snapshot.rows(MERGED_ORDERS, snapshot.periods(MERGED_ORDERS), _BOUGHT)
        .filter(pl.col("customer_id").is_not_null() & (pl.col("line_type") == "product"))
        .select("customer_id", "product_id", pl.col("ordered_at").dt.date().alias("day"))
    )
    found = tables(days, bought, _after(days))
    files.write(found, versions)
    customers = found[CUSTOMER_CARDS].height
    count("CustomersAssessed", customers)
    logger.info("customers assessed", extra={"source": source, "customers": customers})


def _after(days: pl.DataFrame) -> date:
    """The day after the last one; nothing is known before any."""
    (last,) = days.select(pl.col("day").max()).row(0)
    return date.min if last is None else last + timedelta(days=1)
