"""One raw object from notification to written result: the only module that reads and writes."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import polars as pl

from datalake.contracts import QUARANTINE, Table
from datalake.storage import (
    NewerVersionError,
    ObjectInfo,
    ObjectNotFoundError,
    ObjectStorage,
    ObjectTooLargeError,
    put_unless_newer,
)
from raw_to_curated import layout
from raw_to_curated.curate import Curated, curate
from raw_to_curated.decode import MAX_TEXT_BYTES, too_large
from raw_to_curated.notifications import RawObject
from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.report import Output, curated_report, rejection_report, to_json
from raw_to_curated.settings import Settings
from raw_to_curated.sources import SOURCES, source_of

# Fixed, so that the bytes of a file do not depend on the machine that writes it.
_ROW_GROUP_ROWS = 262_144


class Status(StrEnum):
    """What became of a notification."""

    CURATED = "curated"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"
    """A newer version of the object has its results written, or the object has changed since."""
    DELETED = "deleted"
    """The object, or the version that the event names, is no longer there."""


@dataclass(frozen=True)
class Outcome:
    """Result of one notification; `report` is None where nothing was read or written."""

    status: Status
    report: dict[str, Any] | None = None


class Service:
    """Curates raw objects. Every method is safe to repeat, in any order and concurrently."""

    def __init__(self, storage: ObjectStorage, settings: Settings) -> None:
        self._storage = storage
        self._settings = settings

    def process(self, raw_object: RawObject) -> Outcome:
        """Read, curate and publish one version of a raw object.

        Raises what a retry may cure (storage errors) and what only a fix of this code can
        (ContractViolation, AccountingError); bad input is an outcome, not an error.
        """
        source = source_of(raw_object.key)
        name = source.name if source else layout.UNMAPPED
        info: ObjectInfo | None = None
        try:
            if source is None:
                raise _unknown_source(raw_object.key)
            stored = self._storage.get(
                self._settings.raw_bucket,
                raw_object.key,
                version_id=raw_object.version_id,
                max_bytes=MAX_TEXT_BYTES,
            )
            info = stored.info
            if raw_object.etag not in (None, info.etag):
                # Overwritten after this event. The later write has an event of its own.
                return Outcome(Status.SUPERSEDED)
            curated = curate(source, raw_object.key, stored.body)
            return self._publish(name, raw_object, info, curated)
        except RejectedError as rejected:
            return self._reject(name, raw_object, info, rejected)
        except ObjectTooLargeError:
            return self._reject(name, raw_object, info, too_large())
        except ObjectNotFoundError:
            return Outcome(Status.DELETED)
        except NewerVersionError:
            return Outcome(Status.SUPERSEDED)

    def _publish(
        self, source: str, raw_object: RawObject, info: ObjectInfo, curated: Curated
    ) -> Outcome:
        key = raw_object.key
        outputs = [
            _output("curated", layout.table_key(table.name, source, key), table, frame)
            for table, frame in curated.tables.items()
        ]
        outputs.append(
            _output(
                "quarantine", layout.quarantine_key(source, key), QUARANTINE, curated.quarantine
            )
        )
        # Tables without rows are written too: they replace what an older version left there.
        for output in outputs:
            self._put(
                output.bucket,
                output.key,
                output.body,
                raw_object,
                content_type="application/vnd.apache.parquet",
                metadata={"source-etag": info.etag, "contract-version": output.table.version},
            )
        report = curated_report(source, raw_object, info, curated, outputs)
        # Last: the report is the commit marker, and names the hash of every file that belongs
        # to it.
        self._put_report(layout.report_key(source, key), report, raw_object, info)
        return Outcome(Status.CURATED, report)

    def _reject(
        self, source: str, raw_object: RawObject, info: ObjectInfo | None, rejected: RejectedError
    ) -> Outcome:
        report = rejection_report(source, raw_object, info, rejected)
        # Beside the report on the last version that could be used, whose results stay. So each of
        # the two depends on the newest version of its kind only, not on the order of events.
        key = layout.rejection_key(source, raw_object.key)
        try:
            self._put_report(key, report, raw_object, info)
        except NewerVersionError:
            return Outcome(Status.SUPERSEDED)
        return Outcome(Status.REJECTED, report)

    def _put_report(
        self, key: str, report: dict[str, Any], raw_object: RawObject, info: ObjectInfo | None
    ) -> None:
        self._put(
            "curated",
            key,
            to_json(report),
            raw_object,
            content_type="application/json",
            metadata={"source-etag": info.etag} if info else {},
        )

    def _put(
        self,
        bucket: str,
        key: str,
        body: bytes,
        raw_object: RawObject,
        *,
        content_type: str,
        metadata: dict[str, str],
    ) -> None:
        names = {
            "curated": self._settings.curated_bucket,
            "quarantine": self._settings.quarantine_bucket,
        }
        put_unless_newer(
            self._storage,
            names[bucket],
            key,
            body,
            sequencer=raw_object.sequencer,
            content_type=content_type,
            metadata=metadata,
        )


def _unknown_source(key: str) -> RejectedError:
    return RejectedError(
        ObjectReason.UNKNOWN_SOURCE,
        f"No source is declared for the key {key}. Keys begin with the name of a source and a "
        f"slash ({', '.join(f'{name}/' for name in SOURCES)}); move the object, or declare the "
        "new source in raw_to_curated/sources.",
    )


def _output(bucket: str, key: str, table: Table, frame: pl.DataFrame) -> Output:
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", row_group_size=_ROW_GROUP_ROWS)
    body = buffer.getvalue()
    return Output(bucket, key, table, frame, body, hashlib.sha256(body).hexdigest())
