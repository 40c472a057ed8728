"""New manifests in prod → one update of each source that they announce."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from datalake.contracts import PartitionedTable
from datalake.layout import is_manifest, partition_of
from datalake.storage import ObjectStorage
from demand_insights_engine import adapter
from demand_insights_engine.adapter import BatchSettings
from lambda_app.batch import process_groups
from lambda_app.dead_letters import PoisonMessageError
from lambda_app.s3_events import created_object

Update = Callable[[ObjectStorage, BatchSettings, str], None]
"""Makes the insights on a source."""


def update_sources(
    event: dict[str, Any], context: LambdaContext, table: PartitionedTable, update: Update
) -> PartialItemFailureResponse:
    """Update every source whose partitions of a table a batch of SQS messages names, once.

    The response names the messages to be delivered again.
    """
    settings = adapter.batch_settings()

    def handle(sources: Sequence[str]) -> None:
        update(adapter.storage(), settings, sources[0])

    return process_groups(
        event,
        context,
        parse=partial(announced_source, bucket=settings.prod_bucket, table=table),
        group_by=lambda source: source,
        handle=handle,
    )


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
