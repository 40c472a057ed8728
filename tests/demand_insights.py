"""Insights on made-up demand, as the batch writes them."""

from __future__ import annotations

import polars as pl

from datalake.contracts.insights import DEMAND_DAYS
from datalake.files import encode
from datalake.layout import Partition
from datalake.memory import MemoryStorage
from demand_insights_engine.demand import days
from demand_insights_engine.demand.history import History
from demand_insights_engine.demand.starts import Descriptions
from demand_insights_engine.demand_batch import insights_of

VERSIONS = {"model_version": "1.0+0123456789ab", "data_version": "0123456789abcdef"}


def write_days(
    storage: MemoryStorage,
    rows: pl.DataFrame,
    source: str = "shop",
    names: Descriptions | None = None,
) -> None:
    """Write the daily forecasts on rows of demand_daily."""
    versions = {name: pl.lit(value) for name, value in VERSIONS.items()}
    found = days.rows(History.of_days(rows)).with_columns(**versions)
    storage.write("insights", Partition(DEMAND_DAYS, source).data_key, encode(DEMAND_DAYS, found))


def write_insights(
    storage: MemoryStorage,
    rows: pl.DataFrame,
    source: str = "shop",
    names: Descriptions | None = None,
) -> None:
    """Write the insights on rows of demand_weekly."""
    versions = {name: pl.lit(value) for name, value in VERSIONS.items()}
    for table, one in insights_of(History.of(rows), names or {}, has_boosting=False).items():
        body = encode(table, one.with_columns(**versions))
        storage.write("insights", Partition(table, source).data_key, body)
