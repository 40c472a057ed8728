"""Writes results so that the newest version of an object wins, whatever happens in between."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from pydantic import ValidationError

from datalake.files import JSON, PARQUET
from datalake.layout import UNMAPPED, CuratedObject
from datalake.parallel import Together, one_by_one
from datalake.quality_report import CuratedReport, OutputFile, RejectionReport
from datalake.storage import (
    SEQUENCER,
    UNSEEN,
    ObjectInfo,
    ObjectNotFoundError,
    ObjectStorage,
    PreconditionFailedError,
    StoredObject,
    Unseen,
    is_newer,
    put_unless_newer,
)
from lambda_app.s3_events import CreatedObject
from raw_to_curated.report import recipe_of
from raw_to_curated.results import Output
from raw_to_curated.settings import Settings
from raw_to_curated.sources.model import Source

ETAG, RECIPE, PROVISIONAL = "source-etag", "recipe", "provisional"
HTML = "text/html; charset=utf-8"


class Publisher:
    """Writes under the keys of one raw object's results; `source` is None for one of no source.

    `look` comes first. It saves requests: what was not there then is written without another look.
    """

    def __init__(
        self,
        storage: ObjectStorage,
        settings: Settings,
        source: Source | None,
        raw_object: CreatedObject,
        together: Together = one_by_one,
    ) -> None:
        self._storage = storage
        self._source = source
        self._raw_object = raw_object
        self._together = together
        self._results = CuratedObject.of(source.name if source else UNMAPPED, raw_object.key)
        self._buckets = {
            "curated": settings.curated_bucket,
            "quarantine": settings.quarantine_bucket,
        }
        self._report: StoredObject | None = None
        self._rejection: ObjectInfo | None = None
        self._files: set[tuple[str, str]] = set()

    def look(self) -> None:
        """See what there is of the object's results."""
        self._files = set()
        looks: list[Callable[[], None]] = [self._look_at_report, self._look_at_rejection]
        looks += [partial(self._look_for_files, *place) for place in self._table_prefixes()]
        self._together(looks)

    def _look_at_report(self) -> None:
        try:
            self._report = self._storage.get(self._buckets["curated"], self._results.report_key)
        except ObjectNotFoundError:
            self._report = None

    def _look_at_rejection(self) -> None:
        key = self._results.rejection_key
        self._rejection = self._storage.head(self._buckets["curated"], key)

    def _look_for_files(self, bucket: str, prefix: str) -> None:
        keys = self._storage.keys(self._buckets[bucket], prefix)
        self._files.update((bucket, key) for key in keys)

    def tables(self, outputs: Iterable[Output], etag: str) -> None:
        """Write Parquet files. Raises NewerVersionError."""

        def write(output: Output) -> None:
            self.table(output.file, output.path.read_bytes(), etag)

        self._together([partial(write, output) for output in outputs])

    def table(self, file: OutputFile, body: bytes, etag: str) -> None:
        """Write one Parquet file. Raises NewerVersionError."""
        metadata = {ETAG: etag, "contract-version": file.contract_version}
        seen = UNSEEN if (file.bucket, file.key) in self._files else None
        self._put(file.bucket, file.key, body, PARQUET, metadata, seen)

    def report(self, report: CuratedReport, info: ObjectInfo) -> None:
        """Write the report, after all tables: it is the commit marker, and names every file that
        belongs to it. Then do what follows from it."""
        key, metadata = self._results.report_key, {ETAG: info.etag, RECIPE: self._recipe()}
        seen = self._report.info if self._report else None
        self._put("curated", key, report.to_json(), JSON, metadata, seen)
        self.tidy(report)

    def rejection(self, report: RejectionReport, info: ObjectInfo | None) -> None:
        """Write the report on a rejected version. It stands beside the report on the last version
        that could be used, whose results stay; so each of the two depends on the newest version
        of its kind only, not on the order of events. Raises NewerVersionError."""
        key, metadata = self._results.rejection_key, {ETAG: info.etag} if info else {}
        self._put("curated", key, report.to_json(), JSON, metadata, self._rejection)

    def provisional_rejection(self, report: RejectionReport) -> None:
        """Write a rejection that stands until the version has another outcome, which removes it
        (`withdraw`) or replaces it (`rejection`). One with a reason of its own stays.

        Raises NewerVersionError.
        """
        self._look_at_rejection()
        there = self._rejection
        if there and PROVISIONAL not in there.metadata and self._is_of_this_version(there):
            return
        key = self._results.rejection_key
        metadata = {PROVISIONAL: "true", **({ETAG: report.etag} if report.etag else {})}
        self._put("curated", key, report.to_json(), JSON, metadata, there)

    def withdraw(self) -> None:
        """Remove a provisional rejection, unless it is of a newer version."""
        there = self._rejection
        if there is None or PROVISIONAL not in there.metadata:
            return
        if not self._is_newer(there) or self._is_of_this_version(there):
            self._delete("curated", self._results.rejection_key, there)

    def _is_of_this_version(self, there: ObjectInfo) -> bool:
        """By its ETag: the steps of a split have not the sequencer of the event."""
        etag = self._raw_object.etag
        if etag and ETAG in there.metadata:
            return there.metadata[ETAG] == etag
        return there.metadata.get(SEQUENCER, "") == self._raw_object.sequencer

    def _is_newer(self, there: ObjectInfo) -> bool:
        return is_newer(there.metadata.get(SEQUENCER, ""), self._raw_object.sequencer)

    @property
    def current_report(self) -> CuratedReport | None:
        """The report that stands; None for one that cannot be read, which is written again."""
        try:
            return CuratedReport.model_validate_json(self._report.body) if self._report else None
        except ValidationError:
            return None

    def done(self, info: ObjectInfo) -> CuratedReport | None:
        """The report, if it is on this very version of the object and made by this recipe."""
        metadata = self._report.info.metadata if self._report else {}
        is_done = (
            metadata.get(ETAG) == info.etag
            and metadata.get(RECIPE) == self._recipe()
            and metadata.get(SEQUENCER, "") == self._raw_object.sequencer
        )
        return self.current_report if is_done else None

    def tidy(self, report: CuratedReport) -> None:
        """What follows from a report of this version that stands; safe to repeat."""
        todo = [*self._removals(report), self.withdraw]
        if report.quality is not None:
            todo.append(partial(self._page, report))
        self._together(todo)

    def give_way(self) -> None:
        """Remove what this version wrote before it met the results of a newer one."""
        self.look()
        report = self.current_report
        self._together([*(self._removals(report) if report else []), self.withdraw])

    def _removals(self, report: CuratedReport) -> list[Callable[[], None]]:
        """Of parts of versions that had more of them, or that were given up half-way."""
        kept = {(output.bucket, output.key) for output in report.outputs}
        stale = sorted(self._files - kept)
        return [partial(self._remove, *place, report.sequencer or "") for place in stale]

    def _remove(self, bucket: str, key: str, sequencer: str) -> None:
        there = self._storage.head(self._buckets[bucket], key)
        if there is not None and not is_newer(there.metadata.get(SEQUENCER, ""), sequencer):
            self._delete(bucket, key, there)

    def _delete(self, bucket: str, key: str, there: ObjectInfo) -> None:
        try:
            self._storage.delete(self._buckets[bucket], key, if_match=there.etag)
        except PreconditionFailedError:
            # Somebody else is at it, with a newer version or with the same intention.
            return

    def _page(self, report: CuratedReport) -> None:
        from raw_to_curated.quality import html

        key, metadata = self._results.page_key, {ETAG: report.etag or ""}
        seen = UNSEEN if self._report else None
        self._put("curated", key, html.render(report), HTML, metadata, seen)

    def _put(
        self,
        bucket: str,
        key: str,
        body: bytes,
        content_type: str,
        metadata: dict[str, str],
        seen: ObjectInfo | Unseen | None,
    ) -> None:
        put_unless_newer(
            self._storage,
            self._buckets[bucket],
            key,
            body,
            sequencer=self._raw_object.sequencer,
            content_type=content_type,
            metadata=metadata,
            seen=seen,
        )

    def _recipe(self) -> str:
        return recipe_of(self._source) if self._source else ""

    def _table_prefixes(self) -> list[tuple[str, str]]:
        if self._source is None:
            return []
        tables = [("curated", self._results.table_prefix(t.name)) for t in self._source.tables]
        return [*tables, ("quarantine", self._results.quarantine_prefix)]
