"""The rows of a curated file, checked against its report and its contract, by period."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, time

import polars as pl

from curated_to_prod.reports import TIME_COLUMNS, CuratedFile, unusable
from datalake.contracts import Column, PartitionedTable
from datalake.periods import end_day, first_day

_IMPUTED = "imputed_columns"
_SMALL = 1_000_000
_FORMATS = {"month": "%Y-%m", "year": "%Y"}


class CuratedRows:
    """A curated file as columns of the table that merges its own; what curation filled in is null.

    Raises UnusableReportError where the file is not what its report or its contract says.
    """

    def __init__(self, file: CuratedFile, content: bytes, merged: PartitionedTable) -> None:
        self._file = file
        self._merged = merged
        self._time = TIME_COLUMNS.get(file.table)
        try:
            self._rows = self._given(pl.scan_parquet(io.BytesIO(content)))
            if file.rows <= _SMALL:
                # Read once. Of a large file only the rows of one period are in memory.
                self._rows = self._rows.collect().lazy()
            self.periods = self._checked()
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
            raise unusable(file.input.key, f"not readable as Parquet: {error}") from error

    def of(self, period: str) -> pl.DataFrame:
        """The rows of a period, in the order of the file."""
        rows = self._rows
        if self._time is not None:
            rows = rows.filter(_in_period(self._time, self._merged[self._time].dtype, period))
        return rows.collect()

    def _given(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        present = rows.collect_schema()
        for column in self._merged.columns:
            dtype = present.get(column.name, column.dtype)
            if dtype != column.dtype:
                raise unusable(
                    self._file.input.key, f"{column.name} is {dtype}, not {column.dtype}"
                )
        if self._time is not None and self._time not in present:
            raise unusable(self._file.input.key, f"it has no column {self._time}")
        return rows.select(_given(column, present) for column in self._merged.columns)

    def _checked(self) -> list[str]:
        """The periods of the rows, after a look at every value."""
        file = self._file
        rules = {
            f"{column.name} {rule}": broken
            for column in self._merged.columns
            for rule, broken in column.violations().items()
        }
        day, period = pl.lit(None, pl.Date), pl.lit("")
        if self._time is not None:
            day = pl.col(self._time).dt.date()
            period = pl.col(self._time).dt.strftime(_FORMATS[self._merged.partition])
        figures = self._rows.select(
            *(broken.sum().alias(rule) for rule, broken in rules.items()),
            pl.len().alias("rows"),
            day.min().alias("first"),
            day.max().alias("last"),
            period.unique().sort().implode().alias("periods"),
        )
        found = figures.collect().row(0, named=True)
        for rule in rules:
            if found[rule]:
                raise unusable(file.input.key, f"{rule} is violated in {found[rule]} rows")
        said = (file.rows, file.first_day, file.last_day)
        there = (found["rows"], found["first"] or said[1], found["last"] or said[2])
        if there != said:
            raise unusable(file.input.key, f"it has {_words(*there)}; its report: {_words(*said)}")
        periods: list[str] = found["periods"]
        return periods


def _words(rows: int, first: date, last: date) -> str:
    return f"{rows} rows from {first} to {last}"


def _in_period(name: str, dtype: pl.DataType, period: str) -> pl.Expr:
    first, end = (
        pl.lit(datetime.combine(day, time(), UTC) if isinstance(dtype, pl.Datetime) else day)
        for day in (first_day(period), end_day(period))
    )
    return pl.col(name).is_between(first, end, closed="left")


def _given(column: Column, present: pl.Schema) -> pl.Expr:
    """A column as the source gave it."""
    if column.name not in present:
        # The file is of an earlier minor version, which did not have the column yet.
        return pl.lit(column.default, dtype=column.dtype).alias(column.name)
    if _IMPUTED not in present:
        return pl.col(column.name)
    # What curation filled in depends on the rest of the object; another object with the same line
    # may have it otherwise.
    is_imputed = pl.col(_IMPUTED).str.split(",").list.contains(column.name)
    return pl.when(~is_imputed).then(pl.col(column.name)).alias(column.name)
