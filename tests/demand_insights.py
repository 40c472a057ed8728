"""Insights on made-up demand, as the batch writes them."""

from __future__ import annotations

import polars as pl

from datalake.files import encode
from datalake.layout import Partition
from datalake.memory import MemoryStorage
from demand_insights_engine.demand.history import History
from demand_insights_engine.demand_batch import insights_of

VERSIONS = {"model_version": "1.0+0123456789ab", "data_version": "0123456789abcdef"}


def write_insights(storage: MemoryStorage, rows: pl.DataFrame, source: str = "shop") -> None:
    """Write the insights on rows of demand_weekly."""
    versions = {name: pl.lit(value) for name, value in VERSIONS.items()}
    for table, one in insights_of(History.of(rows), has_boosting=False).items():
        body = encode(table, one.with_columns(**versions))
        storage.write("insights", Partition(table, source).data_key, body)
