"""From reports to prod tables that agree with all curated objects: the only module that writes.

Every partition is a function of objects that are named with their hashes in its manifest. An event
only says where to look: what is computed follows from what is in the buckets at that time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from curated_to_prod.pipeline import STEPS, Built, Merge, PartitionInputs, Step
from curated_to_prod.settings import Settings
from curated_to_prod.source_snapshot import SourceSnapshot
from datalake.files import JSON, content_type, encode
from datalake.layout import CuratedObject, Partition
from datalake.manifest import Manifest
from datalake.snapshot import ROWS, ChangedError, ContentCache
from datalake.storage import SHA256, ObjectInfo, ObjectStorage, PreconditionFailedError

INPUTS = "inputs"
"""In the metadata of rows and manifest: the digest of what the partition was made from."""

_CACHE_BYTES = 256 * 1024**2
# Each further round follows a write of somebody else. More than a few in a row mean that something
# else is wrong, such as a curated file that does not match its report.
_ROUNDS = 8


class UnsettledError(Exception):
    """The objects kept changing, or do not match their report yet: to be tried again later."""


class Status(StrEnum):
    """What became of notifications."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    """All prod tables agree with the objects already."""
    IGNORED = "ignored"
    """The keys are no reports', or the reports are gone."""


@dataclass(frozen=True)
class Outcome:
    """Result of notifications: keys of the partitions written, and rows in them."""

    status: Status
    written: list[str] = field(default_factory=list)
    rows: int = 0


@dataclass(frozen=True)
class _Write:
    step: Step
    partition: Partition
    digest: str
    rows: int


class Service:
    """Publishes prod tables. Every method is safe to repeat, in any order and concurrently."""

    def __init__(self, storage: ObjectStorage, settings: Settings) -> None:
        self._storage = storage
        self._settings = settings

    def process(self, *report_keys: str) -> Outcome:
        """Bring every prod table up to date with the objects that reports of one source are on.

        Together they reach each partition once, and it costs at most what all partitions cost.
        Raises what a retry may cure (storage errors, UnsettledError), and what only a person can
        (UnusableReportError, ContractViolation, AccountingError).
        """
        targets = {target for key in report_keys if (target := CuratedObject.from_report_key(key))}
        if not targets:
            return Outcome(Status.IGNORED)
        (source,) = {target.source for target in targets}
        cache = ContentCache(_CACHE_BYTES)
        writes: dict[tuple[str, str], _Write] = {}
        reason = ""
        for _ in range(_ROUNDS):
            snapshot = SourceSnapshot(self._storage, self._settings, source, cache)
            there = sorted(t.object_id for t in targets if snapshot.report(t.object_id) is not None)
            if not there:
                return Outcome(Status.IGNORED)
            try:
                self._publish(snapshot, there, writes)
            except (ChangedError, PreconditionFailedError) as error:
                reason = str(error)
                continue
            if self._holds(source, cache, writes):
                return _outcome(writes.values())
            reason = "the objects that the tables were made from have changed"
        raise UnsettledError(f"{', '.join(report_keys)}: {reason}, {_ROUNDS} times in a row")

    def _publish(
        self,
        snapshot: SourceSnapshot,
        object_ids: Sequence[str],
        writes: dict[tuple[str, str], _Write],
    ) -> None:
        changed: dict[str, set[str]] = {}
        for step in STEPS:
            if isinstance(step, Merge):
                unit = step.table.partition
                # Before any table: whoever writes a partition later finds these objects.
                changed[step.curated.name] = {
                    period
                    for object_id in object_ids
                    for period in snapshot.index(object_id, step.curated, unit)
                }
        for step in STEPS:
            name = step.table.name
            changed[name] = step.affected(snapshot, changed)
            # What an earlier round wrote was right then; whether it still is must be seen.
            before = {period for table, period in writes if table == name}
            for period in sorted(changed[name] | before):
                write = self._ensure(snapshot, step, period)
                if write is None:
                    writes.pop((name, period), None)
                else:
                    writes[name, period] = write

    def _holds(
        self, source: str, cache: ContentCache, writes: dict[tuple[str, str], _Write]
    ) -> bool:
        """Whether what was written is still what follows from the objects that are there now.

        A conditional write alone does not exclude that an input changed meanwhile and that its
        writer found the partition right, just before this writer replaced it.
        """
        now = SourceSnapshot(self._storage, self._settings, source, cache)
        try:
            return all(
                write.step.inputs_of(now, write.partition.period).digest(write.step.table)
                == write.digest
                for write in writes.values()
            )
        except ChangedError:
            return False

    def _ensure(self, snapshot: SourceSnapshot, step: Step, period: str) -> _Write | None:
        """Make a partition what it is to be; None if it was already."""
        table = step.table
        partition = Partition(table, snapshot.source, period)
        exists = period in snapshot.existing(table)
        current = self._head(partition.data_key) if exists else None
        manifest = self._head(partition.manifest_key) if exists else None
        inputs = step.inputs_of(snapshot, period)
        digest = inputs.digest(table)
        if all(info and info.metadata.get(INPUTS) == digest for info in (current, manifest)):
            return None
        built = inputs.build() if inputs.build else Built(table.schema.to_frame())
        rows = built.rows.height
        if not rows and current is None:
            return None
        content = encode(table, built.rows)
        sha256 = hashlib.sha256(content).hexdigest()
        metadata = {
            INPUTS: digest,
            SHA256: sha256,
            ROWS: str(rows),
            "contract-version": table.version,
        }
        self._put(partition.data_key, content, metadata, current, content_type(table))
        text = _manifest(partition, inputs, built, digest, content, sha256).to_json()
        self._put(partition.manifest_key, text, {INPUTS: digest}, manifest, JSON)
        snapshot.wrote(partition, content, sha256, rows)
        return _Write(step, partition, digest, rows)

    def _head(self, key: str) -> ObjectInfo | None:
        return self._storage.head(self._settings.prod_bucket, key)

    def _put(
        self,
        key: str,
        body: bytes,
        metadata: dict[str, str],
        current: ObjectInfo | None,
        content_type: str,
    ) -> None:
        if current is not None and dict(current.metadata) == metadata:
            return
        self._storage.put(
            self._settings.prod_bucket,
            key,
            body,
            content_type=content_type,
            metadata=metadata,
            if_match=current.etag if current else None,
        )


def _outcome(writes: Collection[_Write]) -> Outcome:
    written = [write.partition.data_key for write in writes]
    rows = sum(write.rows for write in writes)
    return Outcome(Status.PUBLISHED if written else Status.UNCHANGED, written, rows)


def _manifest(
    partition: Partition,
    inputs: PartitionInputs,
    built: Built,
    digest: str,
    content: bytes,
    sha256: str,
) -> Manifest:
    """What a partition is and what it was made from. No clock in it: equal input, equal bytes."""
    table = partition.table
    return Manifest.model_validate(
        {
            "table": table.name,
            "contract_version": table.version,
            "source": partition.source,
            table.partition or "partition": partition.period or "all",
            "rows": built.rows.height,
            **built.counts,
            "size": len(content),
            "sha256": sha256,
            "inputs_digest": digest,
            "parameters": inputs.parameters,
            "inputs": inputs.inputs,
        }
    )
