"""Weekly demand → the insights on each product, group and all together."""

from __future__ import annotations

import polars as pl

from datalake.contracts.insights import (
    CHANGES_TABLES,
    DEMAND_TABLES,
    PRICE_RESPONSES,
    PRODUCT_STARTS,
    STOCK_TABLES,
    InsightsTable,
)
from datalake.contracts.prod import DEMAND_WEEKLY, PRODUCT_MONTHS
from datalake.snapshot import ContentCache, Snapshot
from datalake.storage import ObjectStorage
from demand_insights_engine.adapter import BatchSettings
from demand_insights_engine.changes.rows import rows as changes_rows
from demand_insights_engine.demand.history import COLUMNS, History
from demand_insights_engine.demand.rows import rows
from demand_insights_engine.demand.starts import NAME_COLUMNS, Descriptions, descriptions
from demand_insights_engine.demand.starts import rows as starts_rows
from demand_insights_engine.insights import InsightsOfSource, versions_of
from demand_insights_engine.response.rows import rows as response_rows
from demand_insights_engine.stock.rows import rows as stock_rows
from lambda_app.observability import count, logger

TABLES = (*CHANGES_TABLES, PRICE_RESPONSES, PRODUCT_STARTS, *STOCK_TABLES, *DEMAND_TABLES)
"""In the order in which they are written: where the last one names versions, all are there."""
_CACHE_BYTES = 64 * 1024**2
_cache = ContentCache(_CACHE_BYTES)
"""Months that did not change are not read again by later invocations."""


def update(storage: ObjectStorage, settings: BatchSettings, source: str) -> None:
    """Forecast the demand of a source, unless it was forecast from these months.

    Raises ChangedError or PreconditionFailedError where the data changed meanwhile: a retry
    starts from the newer data.
    """
    files = InsightsOfSource(storage, settings.insights_bucket, source, TABLES)
    snapshot = Snapshot(storage, settings.prod_bucket, source, _cache)
    versions = versions_of(snapshot, DEMAND_WEEKLY, PRODUCT_MONTHS)
    if files.are_of(versions):
        return
    months, named = snapshot.periods(DEMAND_WEEKLY), snapshot.periods(PRODUCT_MONTHS)
    history = History.of(snapshot.rows(DEMAND_WEEKLY, months, COLUMNS))
    names = descriptions(snapshot.rows(PRODUCT_MONTHS, named, NAME_COLUMNS))
    files.write(insights_of(history, names), versions)
    count("ProductsForecast", len(history.products))
    logger.info("demand forecast", extra={"source": source, "products": len(history.products)})


def insights_of(
    history: History, names: Descriptions, *, has_boosting: bool = True
) -> dict[InsightsTable, pl.DataFrame]:
    """The rows of TABLES without versions."""
    return {
        **rows(history, has_boosting=has_boosting),
        **changes_rows(history),
        **response_rows(history),
        **starts_rows(history, names),
        **stock_rows(history),
    }
