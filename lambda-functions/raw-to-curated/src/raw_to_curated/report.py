"""The data-quality report of one raw object. Equal input gives an equal report: no clock in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import polars as pl

from datalake.contracts import Table
from datalake.storage import ObjectInfo
from raw_to_curated.curate import Curated
from raw_to_curated.layout import object_id
from raw_to_curated.notifications import RawObject
from raw_to_curated.reasons import RejectedError

REPORT_VERSION = "1.0"


@dataclass(frozen=True)
class Output:
    """One Parquet file of the result; `bucket` is the logical name, the same in any account."""

    bucket: str
    key: str
    table: Table
    frame: pl.DataFrame
    body: bytes
    sha256: str


def curated_report(
    source: str, raw_object: RawObject, info: ObjectInfo, curated: Curated, outputs: list[Output]
) -> dict[str, Any]:
    """The report on an object that could be used; see README for its fields."""
    reasons = (
        curated.quarantine["reasons"].explode().value_counts().sort("reasons").rows()
        if curated.quarantine.height
        else []
    )
    return {
        **_head(source, raw_object, info, "curated"),
        "encoding": curated.encoding,
        "rows_in": curated.rows_in,
        "rows_curated": {table.name: frame.height for table, frame in curated.tables.items()},
        "rows_quarantined": curated.quarantine.height,
        "quarantine_reasons": dict(reasons),
        "exact_duplicates": curated.exact_duplicates,
        "blank_lines": curated.blank_lines,
        "outputs": [_output(output) for output in outputs],
    }


def rejection_report(
    source: str, raw_object: RawObject, info: ObjectInfo | None, rejected: RejectedError
) -> dict[str, Any]:
    """The report on an object that was rejected as a whole."""
    return {
        **_head(source, raw_object, info, "rejected"),
        "reason": rejected.reason.value,
        "message": rejected.message,
        "details": rejected.details,
    }


def to_json(report: dict[str, Any]) -> bytes:
    """The report as UTF-8 JSON, the same bytes for the same report."""
    return (json.dumps(report, indent=2, ensure_ascii=False) + "\n").encode()


def _head(
    source: str, raw_object: RawObject, info: ObjectInfo | None, status: str
) -> dict[str, Any]:
    return {
        "report_version": REPORT_VERSION,
        "status": status,
        "source": source,
        "object_key": raw_object.key,
        "object_id": object_id(raw_object.key),
        "etag": info.etag if info else raw_object.etag,
        "version_id": raw_object.version_id,
        "sequencer": raw_object.sequencer or None,
        "bytes_in": info.size if info else None,
    }


def _output(output: Output) -> dict[str, Any]:
    frame = output.frame
    times = {
        name: {
            # Formatted by polars: Python's time zones need a tz database, which slim images lack.
            bound: frame.select(expression.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")).item()
            for bound, expression in (("min", pl.col(name).min()), ("max", pl.col(name).max()))
        }
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.Datetime)
    }
    return {
        "table": output.table.name,
        "contract_version": output.table.version,
        "bucket": output.bucket,
        "key": output.key,
        "rows": frame.height,
        "bytes": len(output.body),
        "sha256": output.sha256,
        "null_counts": frame.null_count().row(0, named=True),
        "time_range": times,
    }
