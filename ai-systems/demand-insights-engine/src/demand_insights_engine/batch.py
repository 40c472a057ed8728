"""New manifests in prod → what they announce."""

from __future__ import annotations

from datalake.contracts import PartitionedTable
from datalake.layout import is_manifest, partition_of
from lambda_app.dead_letters import PoisonMessageError
from lambda_app.s3_events import created_object


def announced_source(body: str, *, bucket: str, table: PartitionedTable) -> str | None:
    """The source whose partition of a table a message announces; None if it announces no manifest.

    Raises PoisonMessageError.
    """
    created = created_object(body, bucket)
    if created is None or not is_manifest(created.key):
        return None
    partition = partition_of(created.key, [table])
    if partition is None:
        raise PoisonMessageError(f"{created.key} is not a partition of {table.name}")
    return partition.source
