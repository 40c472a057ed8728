"""demand-insights-engine-batch: S3 events through SQS in, insights on each source out."""

from __future__ import annotations

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from demand_insights_engine import adapter, artefact, batch
from lambda_app.batch import process_groups
from lambda_app.observability import observed


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Assess every source that a batch of SQS messages names, once.

    The response names the messages to be delivered again.
    """
    settings = adapter.batch_settings()
    return process_groups(
        event,
        context,
        parse=partial(batch.announced_source, bucket=settings.prod_bucket),
        group_by=str,
        handle=partial(batch.update, adapter.storage(), settings, artefact.load()),
    )
