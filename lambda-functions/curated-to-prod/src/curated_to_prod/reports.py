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
from datalake.layout import CuratedObject
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
    """A report, or a file that it names, is not as this function knows them; no retry helps, a
    person must look."""


@dataclass(frozen=True)
class CuratedFile:
    """A file of a curated table with at least one row; days are UTC, both included, and all there
    are for a table without a column of time."""

    table: str
    input: Input
    rows: int
    first_day: date
    last_day: date


@dataclass(frozen=True)
class Report:
    """A curated object. `object_key` is the key of the raw one; a large one has several files of a
    table, in the order of its rows."""

    curated: CuratedObject
    object_key: str
    files: tuple[CuratedFile, ...]

    def of(self, table: Table) -> list[CuratedFile]:
        """The files of one table."""
        return [file for file in self.files if file.table == table.name]


def parse_report(curated: CuratedObject, body: bytes) -> Report:
    """Read the report on an object. Raises UnusableReportError."""
    key = curated.report_key
    try:
        report = CuratedReport.model_validate_json(body)
        files = [_file(curated, output) for output in report.outputs]
        _check_counts(report)
    except ValidationError as error:
        details = error.errors(include_input=False)[0]
        place = ".".join(map(str, details["loc"])) or "the report"
        raise unusable(key, f"{place}: {details['msg']}") from error
    except ValueError as error:
        raise unusable(key, str(error)) from error
    return Report(curated, report.object_key, tuple(file for file in files if file is not None))


def unusable(key: str, why: str) -> UnusableReportError:
    """The error that names a report or a file of it, and what to do."""
    return UnusableReportError(f"{key} cannot be used ({why:.300}); curate the object again")


def _check_counts(report: CuratedReport) -> None:
    if len({output.key for output in report.outputs}) < len(report.outputs):
        raise ValueError("it names a file twice")
    accounted = sum(report.rows_curated.values()) + report.rows_quarantined
    if report.rows_in != accounted + report.exact_duplicates:
        raise ValueError(f"its rows do not add up to rows_in, which is {report.rows_in}")
    for table, rows in report.rows_curated.items():
        in_files = sum(output.rows for output in report.outputs if output.table == table)
        if in_files != rows:
            raise ValueError(f"its files of {table} have {in_files} rows, rows_curated {rows}")


def _file(curated: CuratedObject, output: OutputFile) -> CuratedFile | None:
    table = TABLES.get(output.table)
    if table is None or output.bucket != "curated" or not output.rows:
        return None
    prefix = curated.table_prefix(table.name)
    if not output.key.startswith(prefix):
        raise ValueError(f"{output.key} is not under {prefix}")
    if output.rows < 0:
        raise ValueError(f"{output.key} has {output.rows} rows")
    if output.contract_version.partition(".")[0] != table.version.partition(".")[0]:
        raise ValueError(
            f"{table.name} {output.contract_version}; this function reads {table.version}"
        )
    first_day, last_day = date.min, date.max
    if column := TIME_COLUMNS.get(table.name):
        first_day, last_day = _days(output, column)
    source = Input("curated", output.key, output.sha256)
    return CuratedFile(table.name, source, output.rows, first_day, last_day)


def _days(output: OutputFile, column: str) -> tuple[date, date]:
    covered = output.time_range.get(column)
    if covered is None or covered.min is None or covered.max is None:
        raise ValueError(f"{output.key} has no time range of {column}")
    return date.fromisoformat(covered.min[:10]), date.fromisoformat(covered.max[:10])
