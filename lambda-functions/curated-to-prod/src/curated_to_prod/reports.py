"""The report on a curated object as this function uses it: files, hashes and ranges of time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from datalake.contracts import (
    COUNTRY_INDICATORS,
    MARKET_SERIES,
    ORDERS,
    RETURNS,
    TRANSACTIONS,
    Table,
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (ORDERS, RETURNS, TRANSACTIONS, MARKET_SERIES, COUNTRY_INDICATORS)
}
"""The curated tables that products are made of."""

TIME_COLUMNS = {
    ORDERS.name: "ordered_at",
    RETURNS.name: "ordered_at",
    TRANSACTIONS.name: "transacted_at",
    MARKET_SERIES.name: "observed_on",
}
"""Those with a column that puts a row in its period."""


class UnusableReportError(Exception):
    """A report is not as this function knows reports; no retry helps, a person must look."""


@dataclass(frozen=True)
class CuratedFile:
    """A file of a curated table with at least one row; days are UTC, both included, and all there
    are for a table without a column of time."""

    table: str
    key: str
    sha256: str
    first_day: date
    last_day: date


@dataclass(frozen=True)
class Report:
    """A curated object. `object_key` is the key of the raw one; a large one has several files of a
    table, in the order of its rows."""

    object_key: str
    files: tuple[CuratedFile, ...]


def parse_report(key: str, body: bytes) -> Report:
    """Read a report. Raises UnusableReportError."""
    try:
        content = json.loads(body)
        files = [_file(output) for output in content["outputs"]]
        return Report(content["object_key"], tuple(file for file in files if file is not None))
    except (KeyError, TypeError, ValueError) as error:
        raise UnusableReportError(
            f"{key} is not a report of raw-to-curated ({error!r}); curate the object again"
        ) from error


def _file(output: dict[str, Any]) -> CuratedFile | None:
    table = TABLES.get(output["table"])
    if table is None or output["bucket"] != "curated" or not output["rows"]:
        return None
    version = str(output["contract_version"])
    if version.partition(".")[0] != table.version.partition(".")[0]:
        raise ValueError(f"{table.name} {version}; this function reads {table.version}")
    first_day, last_day = date.min, date.max
    if column := TIME_COLUMNS.get(table.name):
        time_range = output["time_range"][column]
        first_day, last_day = (
            date.fromisoformat(time_range[bound][:10]) for bound in ("min", "max")
        )
    return CuratedFile(table.name, output["key"], output["sha256"], first_day, last_day)
