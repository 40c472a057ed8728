"""One source's curated objects and products, as they were when first looked at.

Everything read is named with its hash and checked against it, so that what is computed from it can
be told from what would be computed later.
"""

from __future__ import annotations

import hashlib
import io
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time

import polars as pl

from curated_to_prod import layout
from curated_to_prod.layout import CuratedObject
from curated_to_prod.periods import end_day, first_day, period_of, span
from curated_to_prod.reports import TIME_COLUMNS, CuratedFile, Report, parse_report
from curated_to_prod.settings import Settings
from datalake.contracts import Column, Table
from datalake.products import Product
from datalake.storage import (
    SHA256,
    ObjectNotFoundError,
    ObjectStorage,
    PreconditionFailedError,
)

INPUTS = "inputs"
_IMPUTED = "imputed_columns"
ROWS = "rows"


class ChangedError(Exception):
    """An object is another one than when it was first looked at: look again."""


@dataclass(frozen=True)
class Input:
    """A file that a partition is made from; `bucket` is its logical name."""

    bucket: str
    key: str
    sha256: str


class Bodies:
    """Contents of objects by hash: the most recently used ones, up to a number of bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._bodies: OrderedDict[str, bytes] = OrderedDict()

    def get(self, sha256: str) -> bytes | None:
        """The content with that hash, if it is still here."""
        if sha256 in self._bodies:
            self._bodies.move_to_end(sha256)
        return self._bodies.get(sha256)

    def put(self, sha256: str, body: bytes) -> None:
        """Keep a content, and drop the ones not used for longest."""
        if len(body) > self._limit or sha256 in self._bodies:
            return
        self._bodies[sha256] = body
        self._size += len(body)
        while self._size > self._limit:
            _, dropped = self._bodies.popitem(last=False)
            self._size -= len(dropped)


class Lake:
    """A source's objects. What was looked at once is remembered; make a new one to look again."""

    def __init__(
        self, storage: ObjectStorage, settings: Settings, source: str, bodies: Bodies
    ) -> None:
        self.source = source
        self._storage = storage
        self._settings = settings
        self._bodies = bodies
        self._reports: dict[str, Report | None] = {}
        self._index: dict[str, dict[str, set[str]]] = {}
        self._states: dict[tuple[str, str], Input | None] = {}
        self._existing: dict[str, list[str]] = {}

    def report(self, object_id: str) -> Report | None:
        """The report on an object; None if there is none. Raises UnusableReportError."""
        if object_id not in self._reports:
            key = CuratedObject(self.source, object_id).report_key
            try:
                stored = self._storage.get(self._settings.curated_bucket, key)
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
            for key in self._storage.keys(self._settings.prod_bucket, prefix):
                period, object_id = layout.indexed(key)
                objects.setdefault(period, set()).add(object_id)
            self._index[table.name] = objects
        return self._index[table.name]

    def _mark(self, key: str) -> None:
        try:
            self._storage.put(
                self._settings.prod_bucket,
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

    def curated_rows(self, file: CuratedFile, product: Product, period: str) -> pl.DataFrame:
        """A file's rows in a period, as columns of the product that merges its table.

        What curation filled in is null again. Raises ChangedError.
        """
        rows = pl.scan_parquet(io.BytesIO(self._body("curated", file.key, file.sha256)))
        present = rows.collect_schema()
        if name := TIME_COLUMNS.get(file.table):
            rows = rows.filter(_in_period(name, product[name].dtype, period))
        return rows.select(_given(column, present) for column in product.columns).collect()

    def existing(self, product: Product) -> list[str]:
        """Periods of a product's partitions, with rows or without."""
        if product.name not in self._existing:
            prefix = layout.product_prefix(product, self.source)
            keys = self._storage.keys(self._settings.prod_bucket, prefix)
            periods = (layout.period_of_key(product, key) for key in keys)
            self._existing[product.name] = sorted(p for p in periods if p is not None)
        return self._existing[product.name]

    def partition(self, product: Product, period: str) -> Input | None:
        """A product's partition; None where there is none or it has no rows."""
        name = (product.name, period)
        if name not in self._states:
            info = None
            key = layout.data_key(product, self.source, period)
            if period in self.existing(product):
                info = self._storage.head(self._settings.prod_bucket, key)
            has_rows = info is not None and info.metadata.get(ROWS) != "0"
            self._states[name] = (
                Input("prod", key, info.metadata[SHA256]) if info is not None and has_rows else None
            )
        return self._states[name]

    def partitions(self, product: Product, periods: Iterable[str]) -> list[Input]:
        """Those of the partitions that have rows."""
        found = (self.partition(product, period) for period in periods)
        return [partition for partition in found if partition is not None]

    def periods(self, product: Product) -> list[str]:
        """Periods in which a product has rows, in order."""
        return [period for period in self.existing(product) if self.partition(product, period)]

    def rows(
        self, product: Product, periods: Iterable[str], columns: tuple[str, ...] | None = None
    ) -> pl.DataFrame:
        """The rows of partitions, one after the other, in these columns; raises ChangedError."""
        names = list(columns or product.schema.names())
        frames = [
            pl.read_parquet(io.BytesIO(self._body("prod", part.key, part.sha256)), columns=names)
            for part in self.partitions(product, periods)
        ]
        return pl.concat([product.schema.to_frame().select(names), *frames])

    def wrote(self, product: Product, period: str, body: bytes, sha256: str, rows: int) -> None:
        """Remember a partition that was just written."""
        key = layout.data_key(product, self.source, period)
        self._states[product.name, period] = Input("prod", key, sha256) if rows else None
        existing = self.existing(product)
        if period not in existing:
            self._existing[product.name] = sorted([*existing, period])
        self._bodies.put(sha256, body)

    def _body(self, bucket: str, key: str, sha256: str) -> bytes:
        body = self._bodies.get(sha256)
        if body is None:
            names = {
                "curated": self._settings.curated_bucket,
                "prod": self._settings.prod_bucket,
            }
            try:
                body = self._storage.get(names[bucket], key).body
            except ObjectNotFoundError as error:
                raise ChangedError(str(error)) from error
            found = hashlib.sha256(body).hexdigest()
            if found != sha256:
                raise ChangedError(f"{bucket} {key} has the hash {found}, expected {sha256}")
            self._bodies.put(sha256, body)
        return body


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
