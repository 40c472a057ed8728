"""From reports to contributions: which objects there are, and what they contribute to each period.

An object's rows are put into the contributions of its periods, and taken out of those where it had
rows before. Which these are is remembered beside them before any is written, so that a run that was
stopped can be repeated.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import polars as pl

from curated_to_prod import contributions
from curated_to_prod.curated_rows import CuratedRows
from curated_to_prod.reports import CuratedFile, Report, parse_report
from curated_to_prod.settings import Settings
from curated_to_prod.source_snapshot import Contributed, SourceSnapshot
from curated_to_prod.steps import Merge
from datalake.files import JSON, PARQUET, encode_json
from datalake.layout import CuratedObject, Partition, contributions_key, periods_key
from datalake.manifest import Manifest
from datalake.parallel import Together
from datalake.storage import ObjectNotFoundError, ObjectStorage

# Partitions whose contributions are in memory at once.
_AT_ONCE = 16


@dataclass(frozen=True)
class Found:
    """A report that is there, and its state."""

    report: Report
    etag: str


_Rows: TypeAlias = dict[CuratedFile, CuratedRows]


class LostContributionsError(Exception):
    """A merged partition is there, and what `objects` contribute to it is not: take them in too."""

    def __init__(self, objects: set[CuratedObject]) -> None:
        self.objects = objects
        super().__init__(f"the contributions of {len(objects)} objects were lost")


class Intake:
    """Brings the contributions of objects up to date. Every method is safe to repeat."""

    def __init__(
        self,
        storage: ObjectStorage,
        settings: Settings,
        merges: Sequence[Merge],
        together: Together,
    ) -> None:
        self._storage = storage
        self._settings = settings
        self._merges = merges
        self._together = together
        self._asked: set[CuratedObject] = set()

    def find(self, objects: Collection[CuratedObject]) -> list[Found]:
        """The reports that are there. Raises UnusableReportError."""
        self._asked = set(objects)
        found = self._together(partial(self._find, curated) for curated in objects)
        return [entry for entry in found if entry]

    def _find(self, curated: CuratedObject) -> Found | None:
        try:
            stored = self._storage.get(self._settings.curated_bucket, curated.report_key)
        except ObjectNotFoundError:
            return None
        return Found(parse_report(curated, stored.body), stored.info.etag)

    def are_current(self, found: Sequence[Found]) -> bool:
        """Whether the reports are still those that were found."""
        bucket = self._settings.curated_bucket
        keys = (entry.report.curated.report_key for entry in found)
        infos = self._together(partial(self._storage.head, bucket, key) for key in keys)
        return [info and info.etag for info in infos] == [entry.etag for entry in found]

    def take_in(self, snapshot: SourceSnapshot, reports: Sequence[Report]) -> dict[str, set[str]]:
        """Put the objects' rows into the contributions of their periods.

        Returns the periods that they have or had rows in, by the name of the merged table. Raises
        UnusableReportError before anything is written, and LostContributionsError.
        """
        rows = self._read(snapshot, reports)
        touched = self._remember(reports, rows)
        for merge in self._merges:
            periods = sorted(touched[merge.table.name])
            for start in range(0, len(periods), _AT_ONCE):
                self._contribute(snapshot, merge, periods[start : start + _AT_ONCE], reports, rows)
        return touched

    def _read(self, snapshot: SourceSnapshot, reports: Sequence[Report]) -> _Rows:
        merges = {merge.curated.name: merge.table for merge in self._merges}
        files = [file for report in reports for file in report.files]
        contents = snapshot.contents([file.input for file in files])
        return {
            file: CuratedRows(file, content, merges[file.table])
            for file, content in zip(files, contents, strict=True)
        }

    def _remember(self, reports: Sequence[Report], rows: _Rows) -> dict[str, set[str]]:
        touched: dict[str, set[str]] = {merge.table.name: set() for merge in self._merges}
        changed = []
        found = self._together(partial(self._periods, report) for report in reports)
        for report, (known, etag) in zip(reports, found, strict=True):
            periods = {
                merge.table.name: {
                    *known.get(merge.table.name, ()),
                    *(period for file in report.of(merge.curated) for period in rows[file].periods),
                }
                for merge in self._merges
            }
            for name, there in periods.items():
                touched[name] |= there
            listed = {name: sorted(there) for name, there in periods.items() if there}
            if listed != known:
                changed.append(partial(self._put_periods, report, listed, etag))
        self._together(changed)
        return touched

    def _periods(self, report: Report) -> tuple[dict[str, list[str]], str | None]:
        """Merged table → periods that an object ever had rows in; and the ETag of the list."""
        curated = report.curated
        key = periods_key(curated.source, curated.object_id)
        try:
            stored = self._storage.get(self._settings.prod_bucket, key)
        except ObjectNotFoundError:
            return {}, None
        return json.loads(stored.body), stored.info.etag

    def _put_periods(self, report: Report, periods: dict[str, list[str]], etag: str | None) -> None:
        curated = report.curated
        key = periods_key(curated.source, curated.object_id)
        self._put(key, encode_json(periods), JSON, etag)

    def _contribute(
        self,
        snapshot: SourceSnapshot,
        merge: Merge,
        periods: Sequence[str],
        reports: Sequence[Report],
        rows: _Rows,
    ) -> None:
        partitions = [Partition(merge.table, snapshot.source, period) for period in periods]
        changed: dict[Partition, pl.DataFrame] = {}
        tasks = []
        found = self._together(partial(self._contributions, partition) for partition in partitions)
        without = [part for part, (_, etag) in zip(partitions, found, strict=True) if etag is None]
        if lost := self._lost(snapshot, without):
            raise LostContributionsError(lost)
        for partition, (before, etag) in zip(partitions, found, strict=True):
            own = [
                contributions.of(report, file, rows[file].of(partition.period))
                for report in reports
                for file in report.of(merge.curated)
                if partition.period in rows[file].periods
            ]
            objects = [report.curated for report in reports]
            after = contributions.replace(before, objects, merge.curated.name, own)
            if after.equals(before):
                snapshot.contributed(partition, Contributed(before, etag, is_changed=False))
            else:
                changed[partition] = after
                tasks.append(partial(self._put_rows, partition, after, etag))
        for (partition, after), written in zip(changed.items(), self._together(tasks), strict=True):
            snapshot.contributed(partition, Contributed(after, written, is_changed=True))

    def _lost(self, snapshot: SourceSnapshot, without: list[Partition]) -> set[CuratedObject]:
        """The other objects that partitions without contributions were made from."""
        named = set()
        for partition in without:
            _, manifest_etag = snapshot.etags(partition)
            if manifest_etag is not None:
                stored = self._storage.get(self._settings.prod_bucket, partition.manifest_key)
                inputs = Manifest.model_validate_json(stored.body).inputs
                named |= {CuratedObject.from_table_key(entry.key) for entry in inputs}
        return {curated for curated in named if curated} - self._asked

    def _contributions(self, partition: Partition) -> tuple[pl.DataFrame, str | None]:
        key = contributions_key(partition)
        try:
            stored = self._storage.get(self._settings.prod_bucket, key)
        except ObjectNotFoundError:
            return contributions.none(partition.table), None
        return contributions.decode(partition.table, stored.body), stored.info.etag

    def _put_rows(self, partition: Partition, rows: pl.DataFrame, etag: str | None) -> str:
        return self._put(contributions_key(partition), contributions.encode(rows), PARQUET, etag)

    def _put(self, key: str, body: bytes, content_type: str, etag: str | None) -> str:
        return self._storage.put(
            self._settings.prod_bucket,
            key,
            body,
            content_type=content_type,
            metadata={},
            if_match=etag,
        )
