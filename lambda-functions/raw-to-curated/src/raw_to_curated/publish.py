"""Writes results so that the newest version of an object wins, whatever happens in between."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from datalake.storage import (
    SEQUENCER,
    ObjectInfo,
    ObjectStorage,
    PreconditionFailedError,
    is_newer,
    put_unless_newer,
)
from lambda_app.s3_events import CreatedObject
from raw_to_curated import layout
from raw_to_curated.report import recipe_of, to_json
from raw_to_curated.settings import Settings
from raw_to_curated.sources.model import Source

PARQUET = "application/vnd.apache.parquet"
JSON = "application/json"
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

    def table(self, facts: dict[str, Any], body: bytes, etag: str) -> None:
        """Write one Parquet file. Raises NewerVersionError."""
        metadata = {ETAG: etag, "contract-version": facts["contract_version"]}
        self._put(facts["bucket"], facts["key"], body, PARQUET, metadata)

    def report(self, source: Source, report: dict[str, Any], info: ObjectInfo) -> None:
        """Write the report, last: it is the commit marker, and names every file that belongs to
        it. Then remove what earlier versions left and bring page and history up to date."""
        key = layout.report_key(source.name, self._raw_object.key)
        metadata = {ETAG: info.etag, RECIPE: recipe_of(source)}
        self._put("curated", key, to_json(report), JSON, metadata)
        self.tidy(source, report)

    def rejection(self, source: str, report: dict[str, Any], info: ObjectInfo | None) -> None:
        """Write the report on a rejected version. It stands beside the report on the last version
        that could be used, whose results stay; so each of the two depends on the newest version
        of its kind only, not on the order of events. Raises NewerVersionError."""
        key = layout.rejection_key(source, self._raw_object.key)
        self._put("curated", key, to_json(report), JSON, {ETAG: info.etag} if info else {})

    def current_report(self, source: Source) -> dict[str, Any] | None:
        """The report that stands."""
        key = layout.report_key(source.name, self._raw_object.key)
        if self._storage.head(self._settings.curated_bucket, key) is None:
            return None
        report: dict[str, Any] = json.loads(
            self._storage.get(self._settings.curated_bucket, key).body
        )
        return report

    def done(self, source: Source, info: ObjectInfo) -> dict[str, Any] | None:
        """The report, if it is on this very version of the object and made by this recipe."""
        key = layout.report_key(source.name, self._raw_object.key)
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

    def tidy(self, source: Source, report: dict[str, Any]) -> None:
        """What follows from a report of this version that stands; safe to repeat."""
        self.remove_stale(source, report)
        if report["quality"] is not None:
            self._page(source, report)
            self._history(source, report)

    def remove_stale(self, source: Source, report: dict[str, Any]) -> None:
        """Remove parts of versions that had more of them, or that were given up half-way."""
        listed = {(output["bucket"], output["key"]) for output in report["outputs"]}
        for bucket, key in self._part_keys(source):
            head = None
            if (bucket, key) not in listed:
                head = self._storage.head(self._buckets[bucket], key)
            if head is None or is_newer(
                head.metadata.get(SEQUENCER, ""), report["sequencer"] or ""
            ):
                continue
            try:
                self._storage.delete(self._buckets[bucket], key, if_match=head.etag)
            except PreconditionFailedError:
                # Somebody else is at it, with a newer version or with the same intention.
                continue

    def _part_keys(self, source: Source) -> Iterator[tuple[str, str]]:
        names = [("curated", table.name) for table in source.tables]
        for bucket, name in [*names, ("quarantine", layout.QUARANTINED)]:
            prefix = layout.table_prefix(name, source.name, self._raw_object.key)
            for key in self._storage.keys(self._buckets[bucket], prefix):
                yield bucket, key

    def _page(self, source: Source, report: dict[str, Any]) -> None:
        from raw_to_curated.quality import html

        key = layout.page_key(source.name, self._raw_object.key)
        page = html.render(report)
        self._put("curated", key, page, "text/html; charset=utf-8", {ETAG: report["etag"]})

    def _history(self, source: Source, report: dict[str, Any]) -> None:
        """Put the object's figures into the history of its source, and compute drift anew."""
        from raw_to_curated.quality.history import drift

        bucket, key = self._settings.curated_bucket, layout.history_key(source.name)
        mine = {name: report[name] for name in ("object_id", "object_key", "sequencer", "quality")}
        for _ in range(_HISTORY_ATTEMPTS):
            head = self._storage.head(bucket, key)
            objects = json.loads(self._storage.get(bucket, key).body)["objects"] if head else {}
            there = objects.get(mine["object_id"])
            if there == mine or (
                there and is_newer(there["sequencer"] or "", mine["sequencer"] or "")
            ):
                return
            objects = dict(sorted({**objects, mine["object_id"]: mine}.items()))
            body = to_json({"drift": drift(objects.values()), "objects": objects})
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
