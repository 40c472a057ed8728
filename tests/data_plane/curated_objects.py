"""Curated objects for tests: rows of a contract's table, written and reported as curation does."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import polars as pl

from datalake.contracts import Table
from datalake.contracts.curated import CURATED_TABLES
from datalake.layout import CuratedObject
from datalake.memory import MemoryStorage
from datalake.quality_report import CuratedReport, OutputFile, TimeRange

TABLE = {table.name: table for table in CURATED_TABLES}


def frame(table: Table, rows: list[dict[str, Any]]) -> pl.DataFrame:
    """Rows with the defaults of the contract, line numbers counted from 2."""
    complete = [
        {column.name: column.default for column in table.columns}
        | {"line_number": number, "description": None, "customer_id": None}
        | row
        for number, row in enumerate(rows, start=2)
    ]
    named = [{name: row[name] for name in table.schema.names()} for row in complete]
    return pl.DataFrame(named, schema=table.schema)


def report_key(source: str, name: str) -> str:
    return CuratedObject(source, name).report_key


def curate(
    storage: MemoryStorage, source: str, name: str, tables: dict[str, pl.DataFrame], files: int = 1
) -> str:
    """Write a curated object; returns the key of its report. `name` stands for its raw object.

    Each table is divided into `files`, as those of a large object are; the first may be empty.
    """
    outputs = [
        _output(storage, table, CuratedObject(source, name).table_key(table, number), part)
        for table, rows in tables.items()
        for number, part in enumerate(_divided(rows, files))
    ]
    curated = sum(output.rows for output in outputs)
    report = CuratedReport(
        source=source,
        object_key=f"{source}/{name}.csv",
        object_id=name,
        etag=None,
        version_id=None,
        sequencer=None,
        bytes_in=None,
        recipe="made up",
        encoding="utf-8",
        rows_in=curated,
        rows_curated={table: rows.height for table, rows in tables.items()},
        rows_quarantined=0,
        quarantine_reasons={},
        exact_duplicates=0,
        blank_lines=0,
        columns={},
        retyped_columns=(),
        outputs=tuple(outputs),
        quality=None,
    )
    storage.write("curated", report_key(source, name), report.to_json())
    return report_key(source, name)


def _divided(rows: pl.DataFrame, files: int) -> list[pl.DataFrame]:
    height = -(-rows.height // files)
    parts = [rows.slice(number * height, height) for number in range(files)]
    return [part for number, part in enumerate(parts) if part.height or number == 0]


def _output(storage: MemoryStorage, table: str, key: str, rows: pl.DataFrame) -> OutputFile:
    TABLE[table].check(rows)
    buffer = io.BytesIO()
    rows.write_parquet(buffer, compression="zstd")
    storage.write("curated", key, buffer.getvalue())
    return OutputFile(
        table=table,
        contract_version=TABLE[table].version,
        bucket="curated",
        key=key,
        rows=rows.height,
        bytes=len(buffer.getvalue()),
        sha256=hashlib.sha256(buffer.getvalue()).hexdigest(),
        null_counts=rows.null_count().row(0, named=True),
        time_range=_time_range(rows),
    )


def _time_range(rows: pl.DataFrame) -> dict[str, TimeRange]:
    formats = {pl.Datetime: "%Y-%m-%dT%H:%M:%S%.6fZ", pl.Date: "%Y-%m-%d"}
    return {
        name: TimeRange(
            **{
                bound: rows.select(value.dt.strftime(formats[dtype.base_type()])).item()
                for bound, value in (("min", pl.col(name).min()), ("max", pl.col(name).max()))
            }
        )
        for name, dtype in rows.schema.items()
        if dtype.is_temporal()
    }
