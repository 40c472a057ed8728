"""From reports to prod tables that agree with all curated objects.

Every partition is a function of objects that are named with their hashes in its manifest. An event
only says where to look: what is computed follows from what is in the buckets at that time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from curated_to_prod.intake import Intake, LostContributionsError
from curated_to_prod.pipeline import MERGES, STEPS
from curated_to_prod.reports import Report
from curated_to_prod.settings import Settings
from curated_to_prod.source_snapshot import INPUTS, ROWS_ETAG, Made, SourceSnapshot
from curated_to_prod.steps import Built, PartitionInputs, Step
from datalake.contracts import PartitionedTable
from datalake.files import JSON, content_type, encode
from datalake.layout import CuratedObject, Partition
from datalake.manifest import Manifest
from datalake.parallel import Together, one_by_one
from datalake.snapshot import ROWS, ChangedError, ContentCache
from datalake.storage import SHA256, ObjectStorage, PreconditionFailedError, etag_of

_CACHE_BYTES = 256 * 1024**2
# Each further round follows a write of somebody else. More than a few in a row mean that something
# else is wrong, such as a curated file that does not match its report.
_ROUNDS = 8
_MADE_OF = {table for step in STEPS for table in step.made_of}


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
    """A partition to be written; the rows without `content` are there already."""

    partition: Partition
    made: Made
    content: bytes | None
    manifest: bytes


class Service:
    """Publishes prod tables. Every method is safe to repeat, in any order and concurrently.

    `together` makes calls to the storage that do not depend on each other.
    """

    def __init__(
        self, storage: ObjectStorage, settings: Settings, together: Together = one_by_one
    ) -> None:
        self._together = together
        self._storage = storage
        self._settings = settings
        self._cache = ContentCache(_CACHE_BYTES)

    def process(self, *report_keys: str) -> Outcome:
        """Bring every prod table up to date with the objects that reports of one source are on.

        Together they reach each partition once, and it costs at most what all partitions cost.
        Raises what a retry may cure (storage errors, UnsettledError), and what only a person can
        (UnusableReportError, ContractViolation, AccountingError).
        """
        targets = {target for key in report_keys if (target := CuratedObject.from_report_key(key))}
        if not targets:
            return Outcome(Status.IGNORED)
        return self._settle(targets)

    def _settle(self, targets: set[CuratedObject]) -> Outcome:
        (source,) = {target.source for target in targets}
        intake = Intake(self._storage, self._settings, MERGES, self._together)
        written: dict[Partition, int] = {}
        reason = ""
        for _ in range(_ROUNDS):
            snapshot = SourceSnapshot(
                self._storage, self._settings, source, self._cache, self._together
            )
            found = intake.find(sorted(targets, key=lambda target: target.object_id))
            if not found:
                return Outcome(Status.IGNORED)
            try:
                reports = [entry.report for entry in found]
                is_written = self._publish(snapshot, intake, reports, written)
                if not is_written or (snapshot.is_current(_MADE_OF) and intake.are_current(found)):
                    return _outcome(written)
                reason = "the objects that the tables were made from have changed"
            except (ChangedError, PreconditionFailedError) as error:
                reason = str(error)
            except LostContributionsError as error:
                targets, reason = targets | error.objects, str(error)
        keys = ", ".join(target.report_key for target in targets)
        raise UnsettledError(f"{keys}: {reason}, {_ROUNDS} times in a row")

    def _publish(
        self,
        snapshot: SourceSnapshot,
        intake: Intake,
        reports: Sequence[Report],
        written: dict[Partition, int],
    ) -> bool:
        """Make every partition what it is to be; adds the rows of those written to `written`.

        Returns whether anything was.
        """
        changed = intake.take_in(snapshot, reports)
        snapshot.list_tables(_reached(changed))
        is_written = snapshot.has_new_contributions
        for step in STEPS:
            # What an earlier round wrote was right then; whether it still is must be seen.
            before = {part.period for part in written if part.table is step.table}
            changed[step.table.name] = step.affected(snapshot, changed) | before
            for write in self._step(snapshot, step, sorted(changed[step.table.name])):
                written[write.partition] = write.made.rows
                is_written = True
        return is_written

    def _step(self, snapshot: SourceSnapshot, step: Step, periods: Sequence[str]) -> list[_Write]:
        """Make the partitions of a table what they are to be; those that were not."""
        partitions = [Partition(step.table, snapshot.source, period) for period in periods]
        snapshot.look(
            Partition(table, snapshot.source, part)
            for period in periods
            for table, part in step.looks_at(period)
        )
        writes = []
        for number, partition in enumerate(partitions):
            inputs = step.inputs_of(snapshot, partition.period)
            if not snapshot.is_outdated(partition, inputs.inputs):
                # Where one is looked at, so are mostly those after it.
                snapshot.look(partitions[number:])
                made = snapshot.made(partition)
                if made is not None and made.digest == inputs.digest(step.table):
                    continue
            if write := _decided(snapshot, partition, inputs):
                writes.append(write)
        etags = self._together(partial(self._write, snapshot, write) for write in writes)
        for write, (rows_etag, manifest_etag) in zip(writes, etags, strict=True):
            snapshot.wrote(write.partition, rows_etag, manifest_etag)
        return writes

    def _write(self, snapshot: SourceSnapshot, write: _Write) -> tuple[str, str]:
        """Write rows, then manifest; their ETags."""
        partition, made = write.partition, write.made
        rows_etag, manifest_etag = snapshot.etags(partition)
        metadata = {SHA256: made.sha256, ROWS: str(made.rows)}
        if write.content is not None:
            rows_etag = self._storage.put(
                self._settings.prod_bucket,
                partition.data_key,
                write.content,
                content_type=content_type(partition.table),
                metadata={**metadata, "contract-version": partition.table.version},
                if_match=rows_etag,
            )
        manifest_etag = self._storage.put(
            self._settings.prod_bucket,
            partition.manifest_key,
            write.manifest,
            content_type=JSON,
            metadata={**metadata, INPUTS: made.digest or "", ROWS_ETAG: rows_etag or ""},
            if_match=manifest_etag,
        )
        return rows_etag or "", manifest_etag


def _decided(
    snapshot: SourceSnapshot, partition: Partition, inputs: PartitionInputs
) -> _Write | None:
    """What a partition is to be; None if it is that already."""
    table = partition.table
    rows_etag, manifest_etag = snapshot.etags(partition)
    built = inputs.build() if inputs.build else Built(table.schema.to_frame())
    if built.rows.is_empty() and rows_etag is None and manifest_etag is None:
        return None
    content = encode(table, built.rows)
    made = Made(hashlib.sha256(content).hexdigest(), built.rows.height, inputs.digest(table))
    manifest = _manifest(partition, inputs, built, content, made).to_json()
    is_there = etag_of(content) == rows_etag
    snapshot.decided(partition, content, made, is_changed=not is_there)
    if is_there and etag_of(manifest) == manifest_etag:
        return None
    return _Write(partition, made, None if is_there else content, manifest)


def _reached(changed: Mapping[str, set[str]]) -> list[PartitionedTable]:
    """The tables that a change reaches, and those that they are made of."""
    reached: dict[str, PartitionedTable] = {}
    for step in STEPS:
        if changed.get(step.table.name) or any(table.name in reached for table in step.made_of):
            reached |= {table.name: table for table in (step.table, *step.made_of)}
    return list(reached.values())


def _outcome(written: Mapping[Partition, int]) -> Outcome:
    products = {part: rows for part, rows in written.items() if not part.table.is_internal}
    status = Status.PUBLISHED if written else Status.UNCHANGED
    return Outcome(status, [part.data_key for part in products], sum(products.values()))


def _manifest(
    partition: Partition, inputs: PartitionInputs, built: Built, content: bytes, made: Made
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
            "sha256": made.sha256,
            "inputs_digest": made.digest,
            "parameters": inputs.parameters,
            "inputs": inputs.inputs,
        }
    )
