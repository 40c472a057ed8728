"""Writes results so that the newest version of an object wins, whatever happens in between."""

from __future__ import annotations

import json
from collections.abc import Iterator

from datalake.files import JSON, PARQUET, encode_json
from datalake.layout import CuratedObject, history_key
from datalake.quality_report import CuratedReport, OutputFile, RejectionReport
from datalake.storage import (
    SEQUENCER,
    ObjectInfo,
    ObjectStorage,
    PreconditionFailedError,
    is_newer,
    put_unless_newer,
)
from lambda_app.s3_events import CreatedObject
from raw_to_curated.report import recipe_of
from raw_to_curated.settings import Settings
from raw_to_curated.sources.model import Source

ETAG, RECIPE = "source-etag", "recipe"
# Every failed attempt means that another writer succeeded, so it is many only if many write.
_HISTORY_ATTEMPTS = 200


class Publisher:
    """Writes under the keys of one raw object's results."""

    def __init__(
        self, storage: ObjectStorage, settings: Settings, raw_object: CreatedObject
    ) -> None:
        self._storage = storage
        self._settings = settings
        self._raw_object = raw_object
        self._buckets = {
            "curated": settings.curated_bucket,
            "quarantine": settings.quarantine_bucket,
        }

    def table(self, file: OutputFile, body: bytes, etag: str) -> None:
        """Write one Parquet file. Raises NewerVersionError."""
        metadata = {ETAG: etag, "contract-version": file.contract_version}
        self._put(file.bucket, file.key, body, PARQUET, metadata)

    def report(self, source: Source, report: CuratedReport, info: ObjectInfo) -> None:
        """Write the report, last: it is the commit marker, and names every file that belongs to
        it. Then remove what earlier versions left and bring page and history up to date."""
        key = self._results(source.name).report_key
        metadata = {ETAG: info.etag, RECIPE: recipe_of(source)}
        self._put("curated", key, report.to_json(), JSON, metadata)
        self.tidy(source, report)

    def rejection(self, source: str, report: RejectionReport, info: ObjectInfo | None) -> None:
        """Write the report on a rejected version. It stands beside the report on the last version
        that could be used, whose results stay; so each of the two depends on the newest version
        of its kind only, not on the order of events. Raises NewerVersionError."""
        key = self._results(source).rejection_key
        self._put("curated", key, report.to_json(), JSON, {ETAG: info.etag} if info else {})

    def current_report(self, source: Source) -> CuratedReport | None:
        """The report that stands."""
        key = self._results(source.name).report_key
        if self._storage.head(self._settings.curated_bucket, key) is None:
            return None
        stored = self._storage.get(self._settings.curated_bucket, key)
        return CuratedReport.model_validate_json(stored.body)

    def done(self, source: Source, info: ObjectInfo) -> CuratedReport | None:
        """The report, if it is on this very version of the object and made by this recipe."""
        key = self._results(source.name).report_key
        head = self._storage.head(self._settings.curated_bucket, key)
        if head is None:
            return None
        metadata = head.metadata
        is_done = (
            metadata.get(ETAG) == info.etag
            and metadata.get(RECIPE) == recipe_of(source)
            and metadata.get(SEQUENCER, "") == self._raw_object.sequencer
        )
        return self.current_report(source) if is_done else None

    def tidy(self, source: Source, report: CuratedReport) -> None:
        """What follows from a report of this version that stands; safe to repeat."""
        self.remove_stale(source, report)
        if report.quality is not None:
            self._page(source, report)
            self._history(source, report)

    def remove_stale(self, source: Source, report: CuratedReport) -> None:
        """Remove parts of versions that had more of them, or that were given up half-way."""
        listed = {(output.bucket, output.key) for output in report.outputs}
        for bucket, key in self._part_keys(source):
            head = None
            if (bucket, key) not in listed:
                head = self._storage.head(self._buckets[bucket], key)
            if head is None or is_newer(head.metadata.get(SEQUENCER, ""), report.sequencer or ""):
                continue
            try:
                self._storage.delete(self._buckets[bucket], key, if_match=head.etag)
            except PreconditionFailedError:
                # Somebody else is at it, with a newer version or with the same intention.
                continue

    def _part_keys(self, source: Source) -> Iterator[tuple[str, str]]:
        results = self._results(source.name)
        prefixes = [("curated", results.table_prefix(table.name)) for table in source.tables]
        for bucket, prefix in [*prefixes, ("quarantine", results.quarantine_prefix)]:
            for key in self._storage.keys(self._buckets[bucket], prefix):
                yield bucket, key

    def _results(self, source: str) -> CuratedObject:
        return CuratedObject.of(source, self._raw_object.key)

    def _page(self, source: Source, report: CuratedReport) -> None:
        from raw_to_curated.quality import html

        key = self._results(source.name).page_key
        page = html.render(report)
        self._put("curated", key, page, "text/html; charset=utf-8", {ETAG: report.etag or ""})

    def _history(self, source: Source, report: CuratedReport) -> None:
        """Put the object's figures into the history of its source, and compute drift anew."""
        from raw_to_curated.quality.history import drift

        bucket, key = self._settings.curated_bucket, history_key(source.name)
        content = report.content()
        mine = {name: content[name] for name in ("object_id", "object_key", "sequencer", "quality")}
        for _ in range(_HISTORY_ATTEMPTS):
            head = self._storage.head(bucket, key)
            objects = json.loads(self._storage.get(bucket, key).body)["objects"] if head else {}
            there = objects.get(mine["object_id"])
            if there == mine or (
                there and is_newer(there["sequencer"] or "", mine["sequencer"] or "")
            ):
                return
            objects = dict(sorted({**objects, mine["object_id"]: mine}.items()))
            body = encode_json({"drift": drift(objects.values()), "objects": objects})
            try:
                self._storage.put(
                    bucket,
                    key,
                    body,
                    content_type=JSON,
                    metadata={},
                    if_match=head.etag if head else None,
                )
            except PreconditionFailedError:
                continue
            return
        raise PreconditionFailedError(bucket, key, "too many writers at once")

    def _put(
        self, bucket: str, key: str, body: bytes, content_type: str, metadata: dict[str, str]
    ) -> None:
        put_unless_newer(
            self._storage,
            self._buckets[bucket],
            key,
            body,
            sequencer=self._raw_object.sequencer,
            content_type=content_type,
            metadata=metadata,
        )
