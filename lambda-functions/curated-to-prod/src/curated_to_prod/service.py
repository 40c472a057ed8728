"""From reports to products that agree with all curated objects: the only module that writes.

Every partition is a function of objects that are named with their hashes in its manifest. An event
only says where to look: what is computed follows from what is in the buckets at that time.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import polars as pl

from curated_to_prod import layout
from curated_to_prod.lake import INPUTS, ROWS, Bodies, ChangedError, Lake
from curated_to_prod.layout import curated_object
from curated_to_prod.pipeline import STEPS, Built, Merge, Recipe, Step
from curated_to_prod.settings import Settings
from datalake.products import COPILOT_FACTS, Product
from datalake.storage import SHA256, ObjectInfo, ObjectStorage, PreconditionFailedError

# Fixed, so that the bytes of a file do not depend on the machine that writes it.
_ROW_GROUP_ROWS = 262_144
_KEPT_BYTES = 256 * 1024**2
# Each further round follows a write of somebody else. More than a few in a row mean that something
# else is wrong, such as a curated file that does not match its report.
_ROUNDS = 8
_PARQUET = "application/vnd.apache.parquet"
_JSON_LINES = "application/jsonl"


class UnsettledError(Exception):
    """The objects kept changing, or do not match their report yet: to be tried again later."""


class Status(StrEnum):
    """What became of notifications."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    """All products agree with the objects already."""
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
    period: str
    digest: str
    rows: int


class Service:
    """Publishes products. Every method is safe to repeat, in any order and concurrently."""

    def __init__(self, storage: ObjectStorage, settings: Settings) -> None:
        self._storage = storage
        self._settings = settings

    def process(self, *report_keys: str) -> Outcome:
        """Bring every product up to date with the objects that reports of one source are on.

        Together they reach each partition once, and it costs at most what all partitions cost.
        Raises what a retry may cure (storage errors, UnsettledError), and what only a person can
        (UnusableReportError, ContractViolation, AccountingError).
        """
        targets = {target for key in report_keys if (target := curated_object(key))}
        if not targets:
            return Outcome(Status.IGNORED)
        (source,) = {target.source for target in targets}
        bodies = Bodies(_KEPT_BYTES)
        writes: dict[tuple[str, str], _Write] = {}
        reason = ""
        for _ in range(_ROUNDS):
            lake = Lake(self._storage, self._settings, source, bodies)
            there = sorted(t.object_id for t in targets if lake.report(t.object_id) is not None)
            if not there:
                return Outcome(Status.IGNORED)
            try:
                self._publish(lake, there, writes)
            except (ChangedError, PreconditionFailedError) as error:
                reason = str(error)
                continue
            if self._holds(source, bodies, writes):
                return _outcome(source, writes)
            reason = "the objects that the products were made from have changed"
        raise UnsettledError(f"{', '.join(report_keys)}: {reason}, {_ROUNDS} times in a row")

    def _publish(
        self, lake: Lake, object_ids: Sequence[str], writes: dict[tuple[str, str], _Write]
    ) -> None:
        changed: dict[str, set[str]] = {}
        for step in STEPS:
            if isinstance(step, Merge):
                unit = step.product.partition
                # Before any product: whoever writes a partition later finds these objects.
                changed[step.table.name] = {
                    period
                    for object_id in object_ids
                    for period in lake.index(object_id, step.table, unit)
                }
        for step in STEPS:
            name = step.product.name
            changed[name] = step.affected(lake, changed)
            # What an earlier round wrote was right then; whether it still is must be seen.
            before = {period for product, period in writes if product == name}
            for period in sorted(changed[name] | before):
                write = self._ensure(lake, step, period)
                if write is None:
                    writes.pop((name, period), None)
                else:
                    writes[name, period] = write

    def _holds(self, source: str, bodies: Bodies, writes: dict[tuple[str, str], _Write]) -> bool:
        """Whether what was written is still what follows from the objects that are there now.

        A conditional write alone does not exclude that an input changed meanwhile and that its
        writer found the partition right, just before this writer replaced it.
        """
        now = Lake(self._storage, self._settings, source, bodies)
        try:
            return all(
                write.step.recipe(now, write.period).digest(write.step.product) == write.digest
                for write in writes.values()
            )
        except ChangedError:
            return False

    def _ensure(self, lake: Lake, step: Step, period: str) -> _Write | None:
        """Make a partition what it is to be; None if it was already."""
        product = step.product
        key = layout.data_key(product, lake.source, period)
        manifest_key = layout.manifest_key(product, lake.source, period)
        is_there = period in lake.existing(product)
        current = self._head(key) if is_there else None
        manifest = self._head(manifest_key) if is_there else None
        recipe = step.recipe(lake, period)
        digest = recipe.digest(product)
        if all(info and info.metadata.get(INPUTS) == digest for info in (current, manifest)):
            return None
        built = recipe.build() if recipe.build else Built(product.schema.to_frame())
        frame = built.rows
        if frame.is_empty() and current is None:
            return None
        product.check(frame)
        body = _encode(product, frame)
        sha256 = hashlib.sha256(body).hexdigest()
        metadata = {
            INPUTS: digest,
            SHA256: sha256,
            ROWS: str(frame.height),
            "contract-version": product.version,
        }
        is_lines = product == COPILOT_FACTS
        self._put(key, body, metadata, current, _JSON_LINES if is_lines else _PARQUET)
        text = _manifest(product, lake.source, period, recipe, built, metadata, body)
        self._put(manifest_key, text, {INPUTS: digest}, manifest, "application/json")
        lake.wrote(product, period, body, sha256, frame.height)
        return _Write(step, period, digest, frame.height)

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


def _outcome(source: str, writes: dict[tuple[str, str], _Write]) -> Outcome:
    written = [
        layout.data_key(write.step.product, source, write.period) for write in writes.values()
    ]
    rows = sum(write.rows for write in writes.values())
    return Outcome(Status.PUBLISHED if written else Status.UNCHANGED, written, rows)


def _encode(product: Product, frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    if product == COPILOT_FACTS:
        frame.write_ndjson(buffer)
    else:
        frame.write_parquet(buffer, compression="zstd", row_group_size=_ROW_GROUP_ROWS)
    return buffer.getvalue()


def _manifest(
    product: Product,
    source: str,
    period: str,
    recipe: Recipe,
    built: Built,
    metadata: dict[str, str],
    body: bytes,
) -> bytes:
    """What a partition is and what it was made from. No clock in it: equal input, equal bytes."""
    content = {
        "manifest_version": "1.0",
        "product": product.name,
        "contract_version": product.version,
        "source": source,
        product.partition or "partition": period or "all",
        "rows": built.rows.height,
        **built.counts,
        "bytes": len(body),
        "sha256": metadata[SHA256],
        "inputs_digest": metadata[INPUTS],
        "parameters": recipe.parameters,
        "inputs": [
            {"bucket": entry.bucket, "key": entry.key, "sha256": entry.sha256}
            for entry in recipe.inputs
        ],
    }
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()
