"""One raw object from notification to written result."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from datalake.layout import UNMAPPED
from datalake.parallel import Together, one_by_one
from datalake.quality_report import CuratedReport, RejectionReport
from datalake.storage import (
    NewerVersionError,
    ObjectInfo,
    ObjectNotFoundError,
    ObjectStorage,
    Readable,
)
from lambda_app.s3_events import CreatedObject
from raw_to_curated.backfill import Backfill
from raw_to_curated.content import MAX_TEXT_BYTES, format_of, too_large
from raw_to_curated.curate import segments
from raw_to_curated.date_limits import date_limits
from raw_to_curated.decoding import encoding_name
from raw_to_curated.failures import attempts_failed
from raw_to_curated.independent_count import IndependentCounter
from raw_to_curated.parts import is_divisible
from raw_to_curated.publish import Publisher
from raw_to_curated.reader import Reader
from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.report import curated_report, rejection_report
from raw_to_curated.results import Results
from raw_to_curated.settings import Settings
from raw_to_curated.sources import SOURCES, source_of
from raw_to_curated.sources.model import Source


class Status(StrEnum):
    """What became of a notification."""

    CURATED = "curated"
    SPLIT = "split"
    """It is large; others curate it in parts."""
    REJECTED = "rejected"
    SUPERSEDED = "superseded"
    """A newer version of the object has its results written, or the object has changed since."""
    DELETED = "deleted"
    """The object, or the version that the event names, is no longer there."""


@dataclass(frozen=True)
class Outcome:
    """Result of one notification; `report` is None where nothing was read or written."""

    status: Status
    report: CuratedReport | RejectionReport | None = None


class ObjectChangedError(Exception):
    """The object was overwritten while it was read. The later write has an event of its own."""


class Service:
    """Curates raw objects. Every method is safe to repeat, in any order and concurrently."""

    def __init__(
        self,
        storage: ObjectStorage,
        settings: Settings,
        backfill: Backfill | None = None,
        together: Together = one_by_one,
    ) -> None:
        self._storage = storage
        self._settings = settings
        self._backfill = backfill
        self._together = together

    def process(self, raw_object: CreatedObject) -> Outcome:
        """Read, curate and publish one version of a raw object.

        Raises what a retry may cure (storage errors) and what only a fix of this code can
        (ContractViolation, AccountingError); bad input is an outcome, not an error.
        """
        source = source_of(raw_object.key)
        publisher = self._publisher(source, raw_object)
        info: ObjectInfo | None = None
        try:
            info = self._look(raw_object, publisher)
            if source is None:
                raise unknown_source(raw_object.key)
            if info is None:
                return self._without_results(Status.DELETED, publisher)
            if raw_object.etag not in (None, info.etag):
                return self._without_results(Status.SUPERSEDED, publisher)
            done = publisher.done(info)
            if done is not None:
                publisher.tidy(done)
                return Outcome(Status.CURATED, done)
            is_large = info.size > self._settings.split_bytes
            if self._backfill and is_large and is_divisible(source, raw_object.key):
                self._backfill.start(raw_object)
                return self._without_results(Status.SPLIT, publisher)
            return Outcome(Status.CURATED, self._curate(source, raw_object, info, publisher))
        except RejectedError as rejected:
            return self._reject(source, raw_object, info, publisher, rejected)
        except ObjectNotFoundError:
            return self._without_results(Status.DELETED, publisher)
        except NewerVersionError:
            publisher.give_way()
            return Outcome(Status.SUPERSEDED)
        except ObjectChangedError:
            return self._without_results(Status.SUPERSEDED, publisher)

    def reject_provisionally(
        self, raw_object: CreatedObject, receives: int, error: Exception | None = None
    ) -> None:
        """Write a rejection that `process` removes or replaces, for a version whose event is not
        delivered again after `receives` times: whatever ends the function, the version has an
        outcome. `error` is what failed, once that is known."""
        source = source_of(raw_object.key)
        rejected = attempts_failed(receives, error)
        report = rejection_report(_name(source), raw_object, None, rejected, provisional=True)
        try:
            self._publisher(source, raw_object).provisional_rejection(report)
        except NewerVersionError:
            # The outcome of a newer version stands.
            return

    def _publisher(self, source: Source | None, raw_object: CreatedObject) -> Publisher:
        return Publisher(self._storage, self._settings, source, raw_object, self._together)

    def _look(self, raw_object: CreatedObject, publisher: Publisher) -> ObjectInfo | None:
        """The state of the object, and, at the same time, what the publisher sees."""

        def head() -> ObjectInfo | None:
            return self._storage.head(
                self._settings.raw_bucket, raw_object.key, version_id=raw_object.version_id
            )

        info, _ = self._together([head, publisher.look])
        return info

    def _without_results(self, status: Status, publisher: Publisher) -> Outcome:
        publisher.withdraw()
        return Outcome(status)

    def _curate(
        self, source: Source, raw_object: CreatedObject, info: ObjectInfo, publisher: Publisher
    ) -> CuratedReport:
        if info.size > MAX_TEXT_BYTES and format_of(raw_object.key, source)[0].is_text:
            raise too_large(f"{MAX_TEXT_BYTES // 1024**2} MiB")

        try:
            with tempfile.TemporaryDirectory() as folder:
                reader = Reader(source, raw_object.key, Path(folder))
                results = Results(source, raw_object.key, Path(folder))
                counter = IndependentCounter(source, raw_object.key, info, Path(folder))
                received = reader.batches(lambda: counter.copied(self._opened(raw_object, info)))
                with closing(received) as batches:
                    dates, read = date_limits(reader.source, info.modified, batches)
                    results.add_all(segments(reader.source, raw_object.key, read, dates))
                outputs, counts = results.finish()
                quality = results.quality()
                counted = counter.count(counts, reader.expected_rows)
                publisher.tables(outputs, info.etag)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise too_large("what /tmp holds") from error
            raise
        report = curated_report(
            source,
            raw_object,
            info,
            encoding=encoding_name(source, reader.encodings),
            dates=dates,
            counts=counts,
            observed=reader.observed,
            outputs=[output.file for output in outputs],
            quality=quality,
            counted=counted,
        )
        publisher.report(report, info)
        return report

    @contextmanager
    def _opened(self, raw_object: CreatedObject, info: ObjectInfo) -> Iterator[Readable]:
        with self._storage.open(
            self._settings.raw_bucket, raw_object.key, version_id=raw_object.version_id
        ) as opened:
            if opened.info.etag != info.etag:
                raise ObjectChangedError
            yield opened.stream

    def _reject(
        self,
        source: Source | None,
        raw_object: CreatedObject,
        info: ObjectInfo | None,
        publisher: Publisher,
        rejected: RejectedError,
    ) -> Outcome:
        report = rejection_report(_name(source), raw_object, info, rejected)
        try:
            publisher.rejection(report, info)
        except NewerVersionError:
            return Outcome(Status.SUPERSEDED)
        return Outcome(Status.REJECTED, report)


def _name(source: Source | None) -> str:
    return source.name if source else UNMAPPED


def unknown_source(key: str) -> RejectedError:
    """The rejection of a key of no declared source."""
    return RejectedError(
        ObjectReason.UNKNOWN_SOURCE,
        f"No source is declared for the key {key}. Keys begin with the name of a source and a "
        f"slash ({', '.join(f'{name}/' for name in SOURCES)}); move the object, or declare the "
        "new source in raw_to_curated/sources.",
    )
