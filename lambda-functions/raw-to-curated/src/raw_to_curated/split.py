"""A large object in parts, each by an invocation of its own: plan, curate every part, finish.

Parts are curated into a staging area. `finish` removes the rows that repeat one of an earlier part,
writes the tables and, last, the report. Every step may be repeated, and does not do again what is
done. Only CSV and JSON Lines without compression are split; other objects have one part.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import polars as pl

from datalake.storage import (
    NewerVersionError,
    ObjectInfo,
    ObjectNotFoundError,
    ObjectStorage,
    Readable,
    put_unless_newer,
)
from raw_to_curated import layout
from raw_to_curated.content import filled, format_of
from raw_to_curated.curate import Counts, segments
from raw_to_curated.distinct import SCHEME, repeated_across
from raw_to_curated.drift import Observed
from raw_to_curated.notifications import RawObject
from raw_to_curated.publish import Publisher
from raw_to_curated.reader import Reader, in_an_encoding
from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.records import MAX_LINES_PER_RECORD
from raw_to_curated.report import curated_report, recipe_of, rejection_report, to_json
from raw_to_curated.results import Results, rewritten
from raw_to_curated.service import ObjectChangedError, unknown_source
from raw_to_curated.settings import Settings
from raw_to_curated.sources import source_of
from raw_to_curated.sources.model import Source

# A boundary is looked for in so much text; where none is sure, two parts stay one.
_WINDOW_BYTES = 1024**2
# Keeps the numbers of the files of one part apart from those of the next.
_FILES_PER_PART = 1_000


class UnknownActionError(Exception):
    """The event asks for something that this function does not do."""


class PartsMissingError(Exception):
    """`finish` was called before all parts were curated."""


class SplitService:
    """The three steps, on JSON-ready dictionaries; README.md has their form."""

    def __init__(self, storage: ObjectStorage, settings: Settings) -> None:
        self._storage = storage
        self._settings = settings

    def handle(self, event: dict[str, Any]) -> dict[str, Any]:
        """Do the event's action. Raises what a retry may cure, UnknownActionError,
        PartsMissingError."""
        steps = {"plan": self.plan, "curate_part": self.curate_part, "finish": self.finish}
        step = steps.get(str(event.get("action")))
        if step is None:
            raise UnknownActionError(
                f"action is {event.get('action')!r}; it must be one of {', '.join(steps)}"
            )
        bucket = self._settings.raw_bucket
        if event.get("bucket") != bucket:
            found = event.get("bucket")
            raise UnknownActionError(f"bucket is {found!r}; this function reads {bucket}")
        return step(event)

    def plan(self, event: dict[str, Any]) -> dict[str, Any]:
        """Cut an object into parts of about `split_bytes`, at ends of records."""
        raw_object = RawObject(event["key"], version_id=event.get("version_id"))
        nothing = {**_named(event), "etag": None, "parts": [], "finish": None}
        info = self._head(raw_object)
        if info is None:
            return {**nothing, "status": "deleted"}
        source = source_of(raw_object.key)
        raw_object = self._with_sequencer(source, raw_object)
        publisher = Publisher(self._storage, self._settings, raw_object)
        try:
            if source is None:
                raise unknown_source(raw_object.key)
            if (done := publisher.done(source, info)) is not None:
                publisher.tidy(source, done)
                return {**nothing, "etag": info.etag, "status": "done"}
            bounds = self._bounds(source, raw_object, info)
        except RejectedError as rejected:
            return {**nothing, **self._reject(source, raw_object, info, rejected)}
        common = {
            **_named(event),
            "etag": info.etag,
            "sequencer": raw_object.sequencer,
            "of": len(bounds),
        }
        parts = [
            {"action": "curate_part", **common, "part": part, "start": start, "end": end}
            for part, (start, end) in enumerate(bounds)
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
        staging = self._staging(source, raw_object, info, int(event["of"]))
        bucket = self._settings.curated_bucket
        manifest_key = f"{staging}part-{part}.json"
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
        self._put(manifest_key, to_json(manifest))
        if "rejected" in manifest:
            return {"part": part, "status": "rejected", **manifest["rejected"]}
        return {"part": part, "status": "curated", "rows_in": manifest["counts"]["rows_in"]}

    def finish(self, event: dict[str, Any]) -> dict[str, Any]:
        """Put the parts together."""
        raw_object, source, info = self._opened_event(event)
        answer = {
            "key": raw_object.key,
            "report_key": layout.report_key(source.name, raw_object.key),
        }
        if info is None:
            return {"status": "superseded", **answer}
        publisher = Publisher(self._storage, self._settings, raw_object)
        report = publisher.done(source, info)
        if report is not None:
            publisher.tidy(source, report)
        else:
            of = int(event["of"])
            staging = self._staging(source, raw_object, info, of)
            manifests = self._manifests(staging, of)
            try:
                for manifest in manifests:
                    if "rejected" in manifest:
                        why = manifest["rejected"]
                        reason = ObjectReason(why["reason"])
                        raise RejectedError(reason, why["message"], **manifest["details"])
                report = self._put_together(source, raw_object, info, manifests, publisher)
            except RejectedError as rejected:
                return {**answer, **self._reject(source, raw_object, info, rejected)}
            except NewerVersionError:
                return {"status": "superseded", **answer}
            self._remove_staging(staging)
        names = ("rows_in", "rows_curated", "rows_quarantined", "exact_duplicates")
        return {"status": "curated", **answer, **{name: report[name] for name in names}}

    def _head(self, raw_object: RawObject) -> ObjectInfo | None:
        return self._storage.head(
            self._settings.raw_bucket, raw_object.key, version_id=raw_object.version_id
        )

    def _with_sequencer(self, source: Source | None, raw_object: RawObject) -> RawObject:
        """A plan has no event of S3, so no sequencer. It is of the version that is there now, so
        it ranks with the newest version of which there are results; later events outrank it."""
        if source is None:
            return raw_object
        current = Publisher(self._storage, self._settings, raw_object).current_report(source)
        sequencer = (current or {}).get("sequencer") or ""
        return RawObject(raw_object.key, sequencer, version_id=raw_object.version_id)

    def _opened_event(self, event: dict[str, Any]) -> tuple[RawObject, Source, ObjectInfo | None]:
        raw_object = RawObject(
            event["key"], event["sequencer"], event["etag"], event.get("version_id")
        )
        source = source_of(raw_object.key)
        if source is None:
            raise UnknownActionError(f"the key {raw_object.key} is of no declared source")
        info = self._head(raw_object)
        if info is not None and info.etag != raw_object.etag:
            info = None
        return raw_object, source, info

    def _bounds(
        self, source: Source, raw_object: RawObject, info: ObjectInfo
    ) -> list[tuple[int, int]]:
        file_format, compression = format_of(raw_object.key, source)
        size = self._settings.split_bytes
        cuts = [0]
        if file_format.is_text and not compression and _splits(source):
            for wanted in range(size, info.size, size):
                cut = self._boundary(raw_object, wanted, quoted=file_format.is_csv)
                if cut is not None and cuts[-1] < cut < info.size:
                    cuts.append(cut)
        return list(zip(cuts, [*cuts[1:], info.size], strict=True))

    def _boundary(self, raw_object: RawObject, wanted: int, *, quoted: bool) -> int | None:
        """The first offset from `wanted` on at which a record is sure to begin: after a run of
        lines, longer than any record believed, in which no quotation mark is left open."""
        with self._range(raw_object, wanted, wanted + _WINDOW_BYTES) as stream:
            window = filled(stream).read(_WINDOW_BYTES)
        position = window.find(b"\n") + 1
        if not position:
            return None
        run = MAX_LINES_PER_RECORD if quoted else 0
        while run:
            end = window.find(b"\n", position) + 1
            if not end:
                return None
            run = run - 1 if window.count(b'"', position, end) % 2 == 0 else MAX_LINES_PER_RECORD
            position = end
        return wanted + position

    def _curate(
        self,
        source: Source,
        raw_object: RawObject,
        info: ObjectInfo,
        event: dict[str, Any],
        staging: str,
    ) -> dict[str, Any]:
        part, start, end = int(event["part"]), int(event["start"]), int(event["end"])

        def attempt(encoding: str) -> dict[str, Any]:
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                reader = Reader(source, raw_object.key, encoding, folder)
                results = Results(source, raw_object.key, folder, first_part=part * _FILES_PER_PART)
                whole = lambda: self._range(raw_object, 0, None)  # noqa: E731
                piece = lambda: self._range(raw_object, start, end)  # noqa: E731
                if start == 0:
                    batches = reader.batches(whole if end == info.size else piece)
                else:
                    # Bytes before the part are at least as many as lines before it, so that these
                    # numbers ascend through the object.
                    batches = reader.batches_of_part(whole, piece, start + 1)
                results.add_all(segments(source, raw_object.key, batches))
                outputs, counts = results.finish()
                for output in outputs:
                    self._put(staging + output.path.name, output.path.read_bytes())
                hash_keys = []
                for number, path in enumerate(results.hash_files()):
                    hash_keys.append(f"{staging}part-{part}-hashes-{number}.arrow")
                    self._put(hash_keys[-1], path.read_bytes())
            return {
                "counts": counts.to_json(),
                "encoding": encoding,
                "columns": reader.observed.columns,
                "retyped_columns": reader.observed.retyped,
                "start": start,
                "end": end,
                "files": [{"staged": output.path.name, **output.facts} for output in outputs],
                "hashes": hash_keys,
                "quality": results.quality,
            }

        return in_an_encoding(source, raw_object.key, attempt)

    def _put_together(
        self,
        source: Source,
        raw_object: RawObject,
        info: ObjectInfo,
        manifests: list[dict[str, Any]],
        publisher: Publisher,
    ) -> dict[str, Any]:
        bucket = self._settings.curated_bucket
        staging = self._staging(source, raw_object, info, len(manifests))
        total = Counts()
        facts: list[dict[str, Any]] = []
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            drop = self._repeated_in(manifests, folder)
            for number, manifest in enumerate(manifests):
                counts = Counts.from_json(manifest["counts"])
                for file in manifest["files"]:
                    body = self._storage.get(bucket, staging + file.pop("staged")).body
                    if number in drop:
                        body, file, removed, reasons = rewritten(file, body, drop[number], folder)
                        counts.remove(file["table"], removed, reasons)
                    publisher.table(file, body, info.etag)
                    facts.append(file)
                total.add(counts)
        total.check()
        parts = [
            {name: manifest[name] for name in ("start", "end", "encoding")}
            for manifest in manifests
        ]
        first = manifests[0]
        report = curated_report(
            source,
            raw_object,
            info,
            encoding=first["encoding"],
            counts=total,
            observed=Observed(first["columns"], first["retyped_columns"]),
            outputs=facts,
            quality=first["quality"],
            parts=parts,
        )
        publisher.report(source, report, info)
        return report

    def _repeated_in(self, manifests: list[dict[str, Any]], folder: Path) -> dict[int, pl.Series]:
        """From the number of a part to the lines of it that repeat one of an earlier part."""
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
                found = self._storage.get(bucket, f"{staging}part-{part}.json")
            except ObjectNotFoundError:
                missing.append(part)
            else:
                manifests.append(json.loads(found.body))
        if missing:
            raise PartsMissingError(f"parts {missing} of {of} are not curated yet; invoke them")
        return manifests

    def _staging(self, source: Source, raw_object: RawObject, info: ObjectInfo, of: int) -> str:
        """One place for each version of the object, recipe, plan, and scheme of hashes."""
        text = repr((info.etag, raw_object.version_id, recipe_of(source), of, SCHEME))
        version = hashlib.sha256(text.encode()).hexdigest()[:16]
        return layout.staging_prefix(source.name, raw_object.key, version)

    def _remove_staging(self, staging: str) -> None:
        bucket = self._settings.curated_bucket
        for key in list(self._storage.keys(bucket, staging)):
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

    def _range(
        self, raw_object: RawObject, start: int, end: int | None
    ) -> AbstractContextManager[Readable]:
        @contextmanager
        def opened() -> Iterator[Readable]:
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

        return opened()

    def _reject(
        self,
        source: Source | None,
        raw_object: RawObject,
        info: ObjectInfo,
        rejected: RejectedError,
    ) -> dict[str, Any]:
        name = source.name if source else layout.UNMAPPED
        report = rejection_report(name, raw_object, info, rejected)
        publisher = Publisher(self._storage, self._settings, raw_object)
        try:
            publisher.rejection(name, report, info)
        except NewerVersionError:
            return {"status": "superseded"}
        return {"status": "rejected", "reason": rejected.reason.value, "message": rejected.message}


def _named(event: dict[str, Any]) -> dict[str, Any]:
    """What names the object in every event and answer."""
    return {
        "bucket": event["bucket"],
        "key": event["key"],
        "version_id": event.get("version_id"),
    }


def _splits(source: Source) -> bool:
    """Whether line ends are bytes of their own in all encodings of a source."""
    return not any(
        encoding.lower().startswith(("utf-16", "utf-32")) for encoding in source.encodings
    )
