"""compliance-guardian-fraud: manifests of merged_transactions through SQS in, insights out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from compliance_guardian import adapter, fraud_adapter, private_logs
from compliance_guardian.fraud.alert_table import AlertTable
from compliance_guardian.fraud.history_table import HistoryTable
from compliance_guardian.fraud.label_table import LabelTable
from compliance_guardian.fraud_batch import FraudBatch
from compliance_guardian.pci.redaction import redacted_text
from datalake.contracts.prod import MERGED_TRANSACTIONS
from datalake.layout import Partition, is_manifest, partition_of
from datalake.parallel import at_once
from lambda_app.batch import process_groups
from lambda_app.observability import observed
from lambda_app.s3_events import created_object

private_logs.install()


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Score the payments of every month that a batch of SQS messages names, source by source.

    The response names the messages to be delivered again.
    """
    settings = fraud_adapter.batch_settings()
    return process_groups(
        event,
        context,
        parse=partial(_month, bucket=settings.prod_bucket),
        group_by=lambda month: month.source,
        handle=_update,
        redact=redacted_text,
    )


def _month(body: str, bucket: str) -> Partition | None:
    created = created_object(body, bucket)
    if created is None or not is_manifest(created.key):
        return None
    return partition_of(created.key, [MERGED_TRANSACTIONS])


def _update(months: Sequence[Partition]) -> None:
    batch = FraudBatch(
        adapter.storage(),
        fraud_adapter.batch_settings(),
        fraud_adapter.model(),
        HistoryTable(fraud_adapter.histories(), at_once),
        LabelTable(fraud_adapter.labels()),
        AlertTable(fraud_adapter.alerts(), at_once),
        at_once,
    )
    batch.update(months[0].source, {month.period for month in months}, datetime.now(UTC))
