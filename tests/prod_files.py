"""Files of prod tables, as curated-to-prod writes them."""

from __future__ import annotations

import hashlib

import polars as pl

from datalake.contracts.prod import ProdTable
from datalake.files import encode
from datalake.layout import Partition
from datalake.memory import MemoryStorage
from datalake.snapshot import ROWS
from datalake.storage import SHA256


def publish(
    storage: MemoryStorage, table: ProdTable, period: str, rows: pl.DataFrame, source: str
) -> None:
    """Write the rows of a partition to the bucket prod."""
    body = encode(table, rows.sort(table.key))
    metadata = {SHA256: hashlib.sha256(body).hexdigest(), ROWS: str(rows.height)}
    storage.write("prod", Partition(table, source, period).data_key, body, metadata)


def publish_months(
    storage: MemoryStorage, table: ProdTable, rows: pl.DataFrame, day: str, source: str
) -> None:
    """Write rows by the month of their column `day`."""
    months = rows.with_columns(pl.col(day).dt.strftime("%Y-%m").alias("month"))
    for (month,), part in sorted(months.partition_by("month", as_dict=True).items()):
        publish(storage, table, str(month), part.drop("month"), source)


def with_all_columns(table: ProdTable, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with the columns of their table: 0 of numbers that they lack, null of others."""
    return rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(0 if dtype.is_numeric() else None))
        .cast(dtype)
        .alias(name)
        for name, dtype in table.schema.items()
    )
