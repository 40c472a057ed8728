"""The report on a curated object as this function uses it: files, hashes and ranges of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pydantic import ValidationError

from datalake.contracts import Table
from datalake.contracts.curated import (
    COUNTRY_INDICATORS,
    MARKET_SERIES,
    ORDERS,
    RETURNS,
    TRANSACTIONS,
)
from datalake.manifest import Input
from datalake.quality_report import CuratedReport, OutputFile

TABLES: dict[str, Table] = {
    table.name: table
    for table in (ORDERS, RETURNS, TRANSACTIONS, MARKET_SERIES, COUNTRY_INDICATORS)
}
"""The curated tables that prod tables are made of."""

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
    input: Input
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
        report = CuratedReport.model_validate_json(body)
        files = [_file(output) for output in report.outputs]
    except ValidationError as error:
        details = error.errors()[0]
        place = ".".join(map(str, details["loc"])) or "the report"
        raise _unusable(key, f"{place}: {details['msg']}") from error
    except ValueError as error:
        raise _unusable(key, str(error)) from error
    return Report(report.object_key, tuple(file for file in files if file is not None))


def _unusable(key: str, why: str) -> UnusableReportError:
    return UnusableReportError(
        f"{key} is not a report that this function reads ({why}); curate the object again"
    )


def _file(output: OutputFile) -> CuratedFile | None:
    table = TABLES.get(output.table)
    if table is None or output.bucket != "curated" or not output.rows:
        return None
    if output.contract_version.partition(".")[0] != table.version.partition(".")[0]:
        raise ValueError(
            f"{table.name} {output.contract_version}; this function reads {table.version}"
        )
    first_day, last_day = date.min, date.max
    if column := TIME_COLUMNS.get(table.name):
        first_day, last_day = _days(output, column)
    return CuratedFile(table.name, Input("curated", output.key, output.sha256), first_day, last_day)


def _days(output: OutputFile, column: str) -> tuple[date, date]:
    covered = output.time_range.get(column)
    if covered is None or covered.min is None or covered.max is None:
        raise ValueError(f"{output.key} has no time range of {column}")
    return date.fromisoformat(covered.min[:10]), date.fromisoformat(covered.max[:10])
