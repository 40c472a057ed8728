"""compliance-guardian-inventory: scans through SQS in, the inventory of their source out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from compliance_guardian import adapter, inventory, private_logs
from datalake.contracts.insights import COMPLIANCE_SCANS
from datalake.layout import Partition, partition_of
from datalake.parallel import at_once
from lambda_app.batch import process_groups
from lambda_app.observability import observed
from lambda_app.s3_events import created_object

private_logs.install()


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Add every scan that a batch of SQS messages names to the inventory, source by source.

    The response names the messages to be delivered again.
    """
    bucket = adapter.inventory_settings().insights_bucket
    return process_groups(
        event,
        context,
        parse=partial(_scan, bucket=bucket),
        group_by=lambda scan: scan.source,
        handle=partial(_update, bucket),
    )


def _scan(body: str, bucket: str) -> Partition | None:
    created = created_object(body, bucket)
    return partition_of(created.key, [COMPLIANCE_SCANS]) if created else None


def _update(bucket: str, scans: Sequence[Partition]) -> None:
    objects = {scan.period for scan in scans}
    inventory.update(adapter.storage(), bucket, scans[0].source, objects, at_once)
