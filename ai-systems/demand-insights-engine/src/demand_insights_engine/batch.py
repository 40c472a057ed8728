"""New tables in prod → insights: what they announce, and who makes insights of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from datalake.contracts.prod import CUSTOMER_DAYS, DEMAND_WEEKLY
from datalake.layout import is_manifest, partition_of
from datalake.snapshot import ContentCache, Snapshot
from datalake.storage import ObjectStorage
from demand_insights_engine import customer_batch, demand_batch
from demand_insights_engine.adapter import BatchSettings
from lambda_app.dead_letters import PoisonMessageError
from lambda_app.s3_events import created_object

_CACHE_BYTES = 64 * 1024**2
_cache = ContentCache(_CACHE_BYTES)
"""Months that did not change are not read again by later invocations."""

_TABLES = (DEMAND_WEEKLY, CUSTOMER_DAYS)
Update = Callable[[ObjectStorage, str, Snapshot], None]
_UPDATES: Mapping[str, Update] = {
    DEMAND_WEEKLY.name: demand_batch.update,
    CUSTOMER_DAYS.name: customer_batch.update,
}


@dataclass(frozen=True)
class Announced:
    """A table of a source that changed."""

    table: str
    source: str


def announced(body: str, bucket: str) -> Announced | None:
    """What a message announces; None if it announces no manifest. Raises PoisonMessageError."""
    created = created_object(body, bucket)
    if created is None or not is_manifest(created.key):
        return None
    partition = partition_of(created.key, _TABLES)
    if partition is None:
        names = " or ".join(table.name for table in _TABLES)
        raise PoisonMessageError(f"{created.key} is not a partition of {names}")
    return Announced(partition.table.name, partition.source)


def update(
    storage: ObjectStorage, settings: BatchSettings, announcements: Sequence[Announced]
) -> None:
    """Make the insights that follow from a table of a source, which several messages may name.

    Raises ChangedError or PreconditionFailedError where the data changed meanwhile: a retry starts
    from what is there then.
    """
    one = announcements[0]
    snapshot = Snapshot(storage, settings.prod_bucket, one.source, _cache)
    _UPDATES[one.table](storage, settings.insights_bucket, snapshot)
