"""One source's curated objects and prod tables, as they were when first looked at."""

from __future__ import annotations

import io
from datetime import UTC, datetime, time

import polars as pl

from curated_to_prod.periods import end_day, first_day, period_of, span
from curated_to_prod.reports import TIME_COLUMNS, CuratedFile, Report, parse_report
from curated_to_prod.settings import Settings
from datalake import layout
from datalake.contracts import Column, PartitionedTable, Table
from datalake.layout import CuratedObject
from datalake.snapshot import ContentCache, Snapshot
from datalake.storage import ObjectNotFoundError, ObjectStorage, PreconditionFailedError

_IMPUTED = "imputed_columns"


class SourceSnapshot(Snapshot):
    """A source's objects. What was looked at once is remembered; make a new one to look again."""

    def __init__(
        self, storage: ObjectStorage, settings: Settings, source: str, cache: ContentCache
    ) -> None:
        super().__init__(storage, settings.prod_bucket, source, cache)
        self._buckets["curated"] = settings.curated_bucket
        self._reports: dict[str, Report | None] = {}
        self._index: dict[str, dict[str, set[str]]] = {}

    def report(self, object_id: str) -> Report | None:
        """The report on an object; None if there is none. Raises UnusableReportError."""
        if object_id not in self._reports:
            key = CuratedObject(self.source, object_id).report_key
            try:
                stored = self._storage.get(self._buckets["curated"], key)
                self._reports[object_id] = parse_report(key, stored.body)
            except ObjectNotFoundError:
                self._reports[object_id] = None
        return self._reports[object_id]

    def index(self, object_id: str, table: Table, unit: str) -> set[str]:
        """Mark the periods of an object's rows; return them with all it ever had.

        Marks are only ever added, one object each, so that writers cannot undo each other's.
        """
        report = self.report(object_id)
        objects = self._objects(table)
        for file in report.files if report else ():
            if file.table != table.name:
                continue
            first, last = (period_of(day, unit) for day in (file.first_day, file.last_day))
            for period in span(first, last):
                if object_id not in objects.setdefault(period, set()):
                    self._mark(layout.index_key(table.name, self.source, period, object_id))
                    objects[period].add(object_id)
        return {period for period, ids in objects.items() if object_id in ids}

    def _objects(self, table: Table) -> dict[str, set[str]]:
        if table.name not in self._index:
            objects: dict[str, set[str]] = {}
            prefix = layout.index_prefix(table.name, self.source)
            for key in self._storage.keys(self._buckets["prod"], prefix):
                period, object_id = layout.indexed(key)
                objects.setdefault(period, set()).add(object_id)
            self._index[table.name] = objects
        return self._index[table.name]

    def _mark(self, key: str) -> None:
        try:
            self._storage.put(
                self._buckets["prod"],
                key,
                b"",
                content_type="text/plain",
                metadata={},
                if_match=None,
            )
        except PreconditionFailedError:
            return  # another writer has marked it

    def curated_files(self, table: Table, period: str) -> list[CuratedFile]:
        """The files with rows of a table in a period, in the order of the raw objects' keys; those
        of one object as its report lists them, which is the order of its rows."""
        reports = [
            report
            for object_id in self._objects(table).get(period, ())
            if (report := self.report(object_id)) is not None
        ]
        return [
            file
            for report in sorted(reports, key=lambda report: report.object_key)
            for file in report.files
            if file.table == table.name
            and file.first_day < end_day(period)
            and file.last_day >= first_day(period)
        ]

    def curated_rows(
        self, file: CuratedFile, merged: PartitionedTable, period: str
    ) -> pl.DataFrame:
        """A file's rows in a period, as columns of the table that merges its own.

        What curation filled in is null again. Raises ChangedError.
        """
        rows = pl.scan_parquet(io.BytesIO(self._content(file.input)))
        present = rows.collect_schema()
        if name := TIME_COLUMNS.get(file.table):
            rows = rows.filter(_in_period(name, merged[name].dtype, period))
        return rows.select(_given(column, present) for column in merged.columns).collect()


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
