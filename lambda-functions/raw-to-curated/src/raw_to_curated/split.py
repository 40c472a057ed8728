"""A large object in parts, each by an invocation of its own: plan, curate every part, finish.

Parts are curated into a staging area. `finish` removes the rows that repeat one of an earlier part,
writes the tables and, last, the report. Every step may be repeated, and does not do again what is
done. What parts.py cannot cut has one part.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from datalake.layout import UNMAPPED, CuratedObject
from datalake.parallel import Together, one_by_one
from datalake.storage import (
    NewerVersionError,
    ObjectInfo,
    ObjectNotFoundError,
    ObjectStorage,
    Readable,
)
from lambda_app.s3_events import CreatedObject
from raw_to_curated.actions import UnknownActionError, parsed
from raw_to_curated.assembly import put_together
from raw_to_curated.content import format_of
from raw_to_curated.date_limits import SAMPLE_ROWS, DateLimits, date_limits
from raw_to_curated.failures import step_failed
from raw_to_curated.part_curation import curated_part
from raw_to_curated.parts import OpenRange, beginning, bounds
from raw_to_curated.publish import Publisher
from raw_to_curated.reader import Reader
from raw_to_curated.reasons import RejectedError
from raw_to_curated.report import rejection_report
from raw_to_curated.service import ObjectChangedError, unknown_source
from raw_to_curated.settings import Settings
from raw_to_curated.sources import source_of
from raw_to_curated.sources.model import Source
from raw_to_curated.staging import RejectedPart, Staging
from raw_to_curated.steps import GiveUpStep, PartStep, PlannedStep, Step

# Sequencers compare as if the shorter one went on with zeros.
_JUST_AFTER = "0001"


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
        asked, bucket = parsed(Step, event), self._settings.raw_bucket
        if asked.bucket != bucket:
            raise UnknownActionError(f"bucket is {asked.bucket!r}; this function reads {bucket}")
        match asked.action:
            case "plan":
                return self.plan(asked)
            case "curate_part":
                return self.curate_part(parsed(PartStep, event))
            case "finish":
                return self.finish(parsed(PlannedStep, event))
            case "give_up":
                return self.give_up(parsed(GiveUpStep, event))
        actions = "plan, curate_part, finish, give_up, drift"
        raise UnknownActionError(f"action is {asked.action!r}; it must be one of {actions}")

    def plan(self, step: Step) -> dict[str, Any]:
        """Cut an object into parts of about `split_bytes`, at ends of records."""
        named = step.model_dump(exclude={"action"})
        nothing = {**named, "etag": None, "parts": [], "finish": None}
        raw_object = CreatedObject(step.key, version_id=step.version_id)
        info = self._head(raw_object)
        source = source_of(step.key)
        if info is None:
            self._publisher(source, raw_object).withdraw()
            return {**nothing, "status": "deleted"}
        raw_object = self._with_sequencer(source, raw_object, info)
        publisher = self._publisher(source, raw_object)
        try:
            if source is None:
                raise unknown_source(step.key)
            if (done := publisher.done(info)) is not None:
                publisher.tidy(done)
                return {**nothing, "etag": info.etag, "status": "done"}
            opened = self._range_of(raw_object)
            cuts = bounds(source, step.key, info.size, self._settings.split_bytes, opened)
            finish = PlannedStep(
                action="finish",
                **named,
                etag=info.etag,
                sequencer=raw_object.sequencer,
                of=len(cuts),
                dates=_date_limits(source, step.key, info, opened),
            ).model_dump(mode="json")
        except RejectedError as rejected:
            return {**nothing, **_reject(source, raw_object, info, publisher, rejected)}
        parts = [
            {**finish, "action": "curate_part", "part": part, "start": start, "end": end}
            for part, (start, end) in enumerate(cuts)
        ]
        return {"status": "planned", **named, "etag": info.etag, "parts": parts, "finish": finish}

    def curate_part(self, step: PartStep) -> dict[str, Any]:
        """Curate one part into the staging area."""
        source, info = self._planned(step)
        if info is None:
            return {"part": step.part, "status": "superseded"}
        staging = Staging.of_plan(self._storage, self._settings, source, step)
        if staging.has(step.part):
            return {"part": step.part, "status": "skipped"}
        try:
            curated = curated_part(source, step, info, self._range_of(step.raw_object), staging)
        except RejectedError as rejected:
            why = {**_why(rejected), "details": rejected.details}
            staging.done(step.part, RejectedPart.model_validate(why))
            return {"part": step.part, "status": "rejected", **_why(rejected)}
        except (ObjectChangedError, ObjectNotFoundError):
            return {"part": step.part, "status": "superseded"}
        staging.done(step.part, curated)
        return {"part": step.part, "status": "curated", "rows_in": curated.counts.rows_in}

    def finish(self, step: PlannedStep) -> dict[str, Any]:
        """Put the parts together."""
        source, info = self._planned(step)
        report_key = CuratedObject.of(source.name, step.key).report_key
        answer = {"key": step.key, "report_key": report_key}
        publisher = self._publisher(source, step.raw_object)
        if info is None:
            publisher.withdraw()
            return {"status": "superseded", **answer}
        staging = Staging.of_plan(self._storage, self._settings, source, step)
        report = publisher.done(info)
        if report is not None:
            publisher.tidy(report)
        else:
            try:
                parts = staging.curated()
                report = put_together(source, step, info, parts, staging, publisher)
            except RejectedError as rejected:
                return {**answer, **_reject(source, step.raw_object, info, publisher, rejected)}
            except NewerVersionError:
                publisher.give_way()
                return {"status": "superseded", **answer}
        staging.remove()
        names = (
            *("rows_in", "rows_curated", "rows_quarantined", "exact_duplicates"),
            "counted_independently",
        )
        content = report.content()
        counts = {name: content[name] for name in names if name in content}
        return {"status": "curated", **answer, **counts}

    def give_up(self, step: GiveUpStep) -> dict[str, Any]:
        """Reject an object of which a step failed for good, until a later run has an outcome."""
        failed = step.step
        raw_object = CreatedObject(step.key, version_id=failed.version_id)
        info = self._head(raw_object)
        if info is None:
            return {"status": "deleted", "key": step.key}
        if failed.etag not in (None, info.etag):
            return {"status": "superseded", "key": step.key}
        source = source_of(step.key)
        raw_object = self._with_sequencer(source, raw_object, info)
        rejected = step_failed(failed.error)
        name = source.name if source else UNMAPPED
        report = rejection_report(name, raw_object, info, rejected, provisional=True)
        try:
            self._publisher(source, raw_object).provisional_rejection(report)
        except NewerVersionError:
            return {"status": "superseded", "key": step.key}
        return {"status": "rejected", "key": step.key, **_why(rejected)}

    def _publisher(self, source: Source | None, raw_object: CreatedObject) -> Publisher:
        publisher = Publisher(
            self._storage, self._settings, source, raw_object, together=self._together
        )
        publisher.look()
        return publisher

    def _head(self, raw_object: CreatedObject) -> ObjectInfo | None:
        return self._storage.head(
            self._settings.raw_bucket, raw_object.key, version_id=raw_object.version_id
        )

    def _planned(self, step: PlannedStep) -> tuple[Source, ObjectInfo | None]:
        """The source, and the state of the object; None if it is not the planned version."""
        source = source_of(step.key)
        if source is None:
            raise UnknownActionError(f"the key {step.key} is of no declared source")
        info = self._head(step.raw_object)
        return source, info if info is not None and info.etag == step.etag else None

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


def _date_limits(source: Source, key: str, info: ObjectInfo, opened: OpenRange) -> DateLimits:
    """Those of the whole object, from its first rows. Raises RejectedError for wrong columns."""
    end = beginning(source, key, info.size, SAMPLE_ROWS, opened)
    with tempfile.TemporaryDirectory() as folder:
        reader = Reader(source, key, Path(folder))
        with closing(reader.batches_of_part(opened, 0, end, info.size)) as batches:
            limits, batches_again = date_limits(reader.source, info.modified, batches)
            if format_of(key, source)[0].is_text:
                # Wrong columns show in the first lines, of which a part may have too few.
                next((batch for batch in batches_again if batch.size), None)
            return limits


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
