"""Daily demand → forecasts of the next days."""

from __future__ import annotations

from datalake.contracts.insights import DEMAND_DAYS
from datalake.contracts.prod import DEMAND_DAILY
from datalake.snapshot import ContentCache, Snapshot
from datalake.storage import ObjectStorage
from demand_insights_engine.adapter import BatchSettings
from demand_insights_engine.demand.days import rows
from demand_insights_engine.demand.history import DAILY_COLUMNS, History
from demand_insights_engine.insights import InsightsOfSource, versions_of
from lambda_app.observability import count, logger

_CACHE_BYTES = 128 * 1024**2
_cache = ContentCache(_CACHE_BYTES)
"""Months that did not change are not read again by later invocations."""


def update(storage: ObjectStorage, settings: BatchSettings, source: str) -> None:
    """Forecast the days of a source, unless they were forecast from these months.

    Raises ChangedError or PreconditionFailedError where the data changed meanwhile: a retry
    starts from the newer data.
    """
    files = InsightsOfSource(storage, settings.insights_bucket, source, (DEMAND_DAYS,))
    snapshot = Snapshot(storage, settings.prod_bucket, source, _cache)
    versions = versions_of(snapshot, DEMAND_DAILY)
    if files.are_of(versions):
        return
    months = snapshot.periods(DEMAND_DAILY)
    history = History.of_days(snapshot.rows(DEMAND_DAILY, months, DAILY_COLUMNS))
    files.write({DEMAND_DAYS: rows(history)}, versions)
    count("ProductsForecastByDay", len(history.products))
    logger.info("days forecast", extra={"source": source, "products": len(history.products)})
