"""A large object in parts, each by an invocation of its own: plan, curate every part, finish.

Parts are curated into a staging area. `finish` removes the rows that repeat one of an earlier part,
writes the tables and, last, the report. Every step may be repeated, and does not do again what is
done. What parts.py cannot cut has one part.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from datalake.files import encode_json
from datalake.layout import UNMAPPED, CuratedObject
from datalake.parallel import Together, one_by_one
from datalake.quality_report import CuratedReport, OutputFile, Part
from datalake.storage import (
    NewerVersionError,
    ObjectInfo,
    ObjectNotFoundError,
    ObjectStorage,
    Readable,
    put_unless_newer,
)
from lambda_app.s3_events import CreatedObject
from raw_to_curated.actions import UnknownActionError, text_of
from raw_to_curated.curate import Counts, segments
from raw_to_curated.date_limits import SAMPLE_ROWS, DateLimits, date_limits
from raw_to_curated.decoding import encoding_name
from raw_to_curated.distinct import SCHEME, repeated_across
from raw_to_curated.drift import Observed
from raw_to_curated.failures import step_failed
from raw_to_curated.independent_count import of_row_groups
from raw_to_curated.parts import OpenRange, beginning, bounds
from raw_to_curated.publish import Publisher
from raw_to_curated.reader import Reader
from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.report import curated_report, recipe_of, rejection_report
from raw_to_curated.results import Results, new_summary, rewritten, table_of
from raw_to_curated.service import ObjectChangedError, unknown_source
from raw_to_curated.settings import Settings
from raw_to_curated.sources import source_of
from raw_to_curated.sources.model import Source

# Sequencers compare as if the shorter one went on with zeros.
_JUST_AFTER = "0001"
# Keeps the numbers of the files of one part apart from those of the next.
_FILES_PER_PART = 1_000


class PartsMissingError(Exception):
    """`finish` was called before all parts were curated."""


class SplitService:
    """The steps, on JSON-ready dictionaries; README.md has their form."""

    def __init__(
        self, storage: ObjectStorage, settings: Settings, together: Together = one_by_one
    ) -> None:
        self._storage = storage
        self._settings = settings
        self._together = together

    def handle(self, event: dict[str, Any]) -> dict[str, Any]:
        """Do the event's action. Raises what a retry may cure, UnknownActionError,
        PartsMissingError."""
        steps = {
            "plan": self.plan,
            "curate_part": self.curate_part,
            "finish": self.finish,
            "give_up": self.give_up,
        }
        action, found, _ = (text_of(event, name) for name in ("action", "bucket", "key"))
        step = steps.get(action)
        if step is None:
            raise UnknownActionError(
                f"action is {action!r}; it must be one of {', '.join(steps)}, drift"
            )
        bucket = self._settings.raw_bucket
        if found != bucket:
            raise UnknownActionError(f"bucket is {found!r}; this function reads {bucket}")
        return step(event)

    def plan(self, event: dict[str, Any]) -> dict[str, Any]:
        """Cut an object into parts of about `split_bytes`, at ends of records."""
        raw_object = CreatedObject(event["key"], version_id=event.get("version_id"))
        nothing = {**_named(event), "etag": None, "parts": [], "finish": None}
        info = self._head(raw_object)
        source = source_of(raw_object.key)
        if info is None:
            self._publisher(source, raw_object).withdraw()
            return {**nothing, "status": "deleted"}
        raw_object = self._with_sequencer(source, raw_object, info)
        publisher = self._publisher(source, raw_object)
        try:
            if source is None:
                raise unknown_source(raw_object.key)
            if (done := publisher.done(info)) is not None:
                publisher.tidy(done)
                return {**nothing, "etag": info.etag, "status": "done"}
            cuts = bounds(
                source,
                raw_object.key,
                info.size,
                self._settings.split_bytes,
                self._range_of(raw_object),
            )
            dates = self._date_limits(source, raw_object, info)
        except RejectedError as rejected:
            return {**nothing, **_reject(source, raw_object, info, publisher, rejected)}
        common = {
            **_named(event),
            "etag": info.etag,
            "sequencer": raw_object.sequencer,
            "of": len(cuts),
            "dates": dates.to_json(),
        }
        parts = [
            {"action": "curate_part", **common, "part": part, "start": start, "end": end}
            for part, (start, end) in enumerate(cuts)
        ]
        finish = {"action": "finish", **common}
        planned = {**_named(event), "etag": info.etag, "parts": parts, "finish": finish}
        return {"status": "planned", **planned}

    def curate_part(self, event: dict[str, Any]) -> dict[str, Any]:
        """Curate one part into the staging area."""
        raw_object, source, info = self._opened_event(event)
        part = int(event["part"])
        if info is None:
            return {"part": part, "status": "superseded"}
        staging = self._staging(source, raw_object, info, event)
        bucket = self._settings.curated_bucket
        manifest_key = _manifest_key(staging, part)
        if self._storage.head(bucket, manifest_key) is not None:
            return {"part": part, "status": "skipped"}
        try:
            manifest = self._curate(source, raw_object, info, event, staging)
        except RejectedError as rejected:
            manifest = {
                "rejected": {"reason": rejected.reason.value, "message": rejected.message},
                "details": rejected.details,
            }
        except (ObjectChangedError, ObjectNotFoundError):
            return {"part": part, "status": "superseded"}
        # Last: the manifest says that the part's files are all there.
        self._put(manifest_key, encode_json(manifest))
        if "rejected" in manifest:
            return {"part": part, "status": "rejected", **manifest["rejected"]}
        return {"part": part, "status": "curated", "rows_in": manifest["counts"]["rows_in"]}

    def finish(self, event: dict[str, Any]) -> dict[str, Any]:
        """Put the parts together."""
        raw_object, source, info = self._opened_event(event)
        answer = {
            "key": raw_object.key,
            "report_key": CuratedObject.of(source.name, raw_object.key).report_key,
        }
        publisher = self._publisher(source, raw_object)
        if info is None:
            publisher.withdraw()
            return {"status": "superseded", **answer}
        of = int(event["of"])
        staging = self._staging(source, raw_object, info, event)
        report = publisher.done(info)
        if report is not None:
            publisher.tidy(report)
        else:
            manifests = self._manifests(staging, of)
            try:
                for manifest in manifests:
                    if "rejected" in manifest:
                        why = manifest["rejected"]
                        reason = ObjectReason(why["reason"])
                        raise RejectedError(reason, why["message"], **manifest["details"])
                report = self._put_together(source, raw_object, info, manifests, staging, publisher)
            except RejectedError as rejected:
                return {**answer, **_reject(source, raw_object, info, publisher, rejected)}
            except NewerVersionError:
                publisher.give_way()
                return {"status": "superseded", **answer}
        self._remove_staging(staging, of)
        names = (
            *("rows_in", "rows_curated", "rows_quarantined", "exact_duplicates"),
            "counted_independently",
        )
        content = report.content()
        counts = {name: content[name] for name in names if name in content}
        return {"status": "curated", **answer, **counts}

    def give_up(self, event: dict[str, Any]) -> dict[str, Any]:
        """Reject an object of which a step failed for good, until a later run has an outcome."""
        step = event.get("step") or {}
        raw_object = CreatedObject(event["key"], version_id=step.get("version_id"))
        info = self._head(raw_object)
        if info is None:
            return {"status": "deleted", "key": raw_object.key}
        if step.get("etag") not in (None, info.etag):
            return {"status": "superseded", "key": raw_object.key}
        source = source_of(raw_object.key)
        raw_object = self._with_sequencer(source, raw_object, info)
        rejected = step_failed(step.get("error") or {})
        name = source.name if source else UNMAPPED
        report = rejection_report(name, raw_object, info, rejected, provisional=True)
        try:
            self._publisher(source, raw_object).provisional_rejection(report)
        except NewerVersionError:
            return {"status": "superseded", "key": raw_object.key}
        return {"status": "rejected", "key": raw_object.key, **_why(rejected)}

    def _publisher(self, source: Source | None, raw_object: CreatedObject) -> Publisher:
        publisher = Publisher(
            self._storage, self._settings, source, raw_object, together=self._together
        )
        publisher.look()
        return publisher

    def _date_limits(
        self, source: Source, raw_object: CreatedObject, info: ObjectInfo
    ) -> DateLimits:
        """Those of the whole object, from its first rows."""
        opened = self._range_of(raw_object)
        end = beginning(source, raw_object.key, info.size, SAMPLE_ROWS, opened)

        with tempfile.TemporaryDirectory() as folder:
            reader = Reader(source, raw_object.key, Path(folder))
            with closing(reader.batches_of_part(opened, 0, end, info.size)) as batches:
                return date_limits(source, info.modified, batches)[0]

    def _head(self, raw_object: CreatedObject) -> ObjectInfo | None:
        return self._storage.head(
            self._settings.raw_bucket, raw_object.key, version_id=raw_object.version_id
        )

    def _with_sequencer(
        self, source: Source | None, raw_object: CreatedObject, info: ObjectInfo
    ) -> CreatedObject:
        """A plan has no event of S3, so no sequencer. It is of the version that is there now, so
        it ranks just after the newest other version of which there are results; later events
        outrank it."""
        current = self._publisher(source, raw_object).current_report
        sequencer = ""
        if current is not None:
            is_same = current.etag == info.etag
            sequencer = (current.sequencer or "") + ("" if is_same else _JUST_AFTER)
        return CreatedObject(raw_object.key, sequencer, info.etag, raw_object.version_id)

    def _opened_event(
        self, event: dict[str, Any]
    ) -> tuple[CreatedObject, Source, ObjectInfo | None]:
        raw_object = CreatedObject(
            event["key"], event["sequencer"], event["etag"], event.get("version_id")
        )
        source = source_of(raw_object.key)
        if source is None:
            raise UnknownActionError(f"the key {raw_object.key} is of no declared source")
        info = self._head(raw_object)
        if info is not None and info.etag != raw_object.etag:
            info = None
        return raw_object, source, info

    def _curate(
        self,
        source: Source,
        raw_object: CreatedObject,
        info: ObjectInfo,
        event: dict[str, Any],
        staging: str,
    ) -> dict[str, Any]:
        part, start, end = int(event["part"]), int(event["start"]), int(event["end"])

        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            reader = Reader(source, raw_object.key, folder)
            results = Results(source, raw_object.key, folder, first_part=part * _FILES_PER_PART)
            dates = DateLimits.from_json(event["dates"])
            opened = self._range_of(raw_object)
            with closing(reader.batches_of_part(opened, start, end, info.size)) as batches:
                results.add_all(segments(source, raw_object.key, batches, dates))
            outputs, counts = results.finish()
            for output in outputs:
                self._put(staging + output.path.name, output.path.read_bytes())
            hash_keys = []
            for number, path in enumerate(results.hash_files()):
                hash_keys.append(f"{staging}part-{part}-hashes-{number}.arrow")
                self._put(hash_keys[-1], path.read_bytes())
        return {
            "counts": counts.to_json(),
            "encoding": encoding_name(source, reader.encodings),
            "encodings": sorted(reader.encodings),
            "row_groups": reader.expected_rows,
            "columns": reader.observed.columns,
            "retyped_columns": reader.observed.retyped,
            "start": start,
            "end": end,
            "files": [
                {
                    "staged": output.path.name,
                    **output.file.model_dump(by_alias=True),
                }
                for output in outputs
            ],
            "hashes": hash_keys,
        }

    def _put_together(
        self,
        source: Source,
        raw_object: CreatedObject,
        info: ObjectInfo,
        manifests: list[dict[str, Any]],
        staging: str,
        publisher: Publisher,
    ) -> CuratedReport:
        bucket = self._settings.curated_bucket
        total, summary = Counts(), new_summary(source)
        files: list[OutputFile] = []
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            drop = self._repeated_in(manifests, folder)
            for number, manifest in enumerate(manifests):
                counts = Counts.from_json(manifest["counts"])
                for entry in manifest["files"]:
                    file = OutputFile.model_validate(entry)
                    body = self._storage.get(bucket, staging + entry["staged"]).body
                    if number in drop:
                        body, file, removed, reasons = rewritten(file, body, drop[number], folder)
                        counts.remove(file.table, removed, reasons)
                    publisher.table(file, body, info.etag)
                    files.append(file)
                    if summary:
                        summary.add(table_of(file), pl.read_parquet(body))
                total.add(counts)
        total.check()
        parts = [Part.model_validate(manifest) for manifest in manifests]
        row_groups = [manifest["row_groups"] for manifest in manifests]
        rows_of_groups = None if None in row_groups else sum(row_groups)
        first = manifests[0]
        seen = {encoding for manifest in manifests for encoding in manifest["encodings"]}
        report = curated_report(
            source,
            raw_object,
            info,
            encoding=encoding_name(source, seen),
            counts=total,
            observed=Observed(first["columns"], first["retyped_columns"]),
            outputs=files,
            quality=summary.section() if summary else None,
            counted=of_row_groups(total.rows_in, rows_of_groups),
            parts=parts,
        )
        publisher.report(report, info)
        return report

    def _repeated_in(
        self, manifests: list[dict[str, Any]], folder: Path
    ) -> dict[int, pl.DataFrame]:
        """From the number of a part to its rows that repeat one of an earlier part."""
        files: list[Path] = []
        for number, manifest in enumerate(manifests):
            frames = [
                pl.read_ipc(self._storage.get(self._settings.curated_bucket, key).body)
                for key in manifest["hashes"]
            ]
            path = folder / f"hashes-{number}.arrow"
            pl.concat(frames).write_ipc(path)
            files.append(path)
        return dict(repeated_across(files))

    def _manifests(self, staging: str, of: int) -> list[dict[str, Any]]:
        bucket = self._settings.curated_bucket
        manifests: list[dict[str, Any]] = []
        missing: list[int] = []
        for part in range(of):
            try:
                found = self._storage.get(bucket, _manifest_key(staging, part))
            except ObjectNotFoundError:
                missing.append(part)
            else:
                manifests.append(json.loads(found.body))
        if missing:
            raise PartsMissingError(f"parts {missing} of {of} are not curated yet; invoke them")
        return manifests

    def _staging(
        self, source: Source, raw_object: CreatedObject, info: ObjectInfo, event: dict[str, Any]
    ) -> str:
        """One place for each version of the object, recipe, plan, and scheme of hashes."""
        plan = (int(event["of"]), DateLimits.from_json(event["dates"]))
        text = repr((info.etag, raw_object.version_id, recipe_of(source), plan, SCHEME))
        version = hashlib.sha256(text.encode()).hexdigest()[:16]
        return CuratedObject.of(source.name, raw_object.key).staging_prefix(version)

    def _remove_staging(self, staging: str, of: int) -> None:
        """Manifests first, so that none speaks of files that are gone."""
        bucket = self._settings.curated_bucket
        manifests = [_manifest_key(staging, part) for part in range(of)]
        for key in [*manifests, *self._storage.keys(bucket, staging)]:
            head = self._storage.head(bucket, key)
            if head is not None:
                self._storage.delete(bucket, key, if_match=head.etag)

    def _put(self, key: str, body: bytes) -> None:
        put_unless_newer(
            self._storage,
            self._settings.curated_bucket,
            key,
            body,
            sequencer="",
            content_type="application/octet-stream",
            metadata={},
        )

    def _range_of(self, raw_object: CreatedObject) -> OpenRange:
        @contextmanager
        def opened(start: int, end: int | None) -> Iterator[Readable]:
            with self._storage.open(
                self._settings.raw_bucket,
                raw_object.key,
                version_id=raw_object.version_id,
                start=start,
                end=end,
            ) as found:
                if raw_object.etag not in (None, found.info.etag):
                    raise ObjectChangedError
                yield found.stream

        return opened


def _reject(
    source: Source | None,
    raw_object: CreatedObject,
    info: ObjectInfo,
    publisher: Publisher,
    rejected: RejectedError,
) -> dict[str, Any]:
    report = rejection_report(source.name if source else UNMAPPED, raw_object, info, rejected)
    try:
        publisher.rejection(report, info)
    except NewerVersionError:
        return {"status": "superseded"}
    return {"status": "rejected", **_why(rejected)}


def _why(rejected: RejectedError) -> dict[str, str]:
    return {"reason": rejected.reason.value, "message": rejected.message}


def _named(event: dict[str, Any]) -> dict[str, Any]:
    """What names the object in every event and answer."""
    return {
        "bucket": event["bucket"],
        "key": event["key"],
        "version_id": event.get("version_id"),
    }


def _manifest_key(staging: str, part: int) -> str:
    """Key of what was found in a part; it is written after the part's files."""
    return f"{staging}part-{part}.json"
