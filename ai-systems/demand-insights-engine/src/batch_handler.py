"""demand-insights-engine-batch: manifests of prod through SQS in, insights on each source out."""

from __future__ import annotations

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from demand_insights_engine import adapter, batch
from lambda_app.batch import process_groups
from lambda_app.observability import observed


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Make the insights on every table and source that a batch of SQS messages names, once.

    The response names the messages to be delivered again.
    """
    settings = adapter.batch_settings()
    return process_groups(
        event,
        context,
        parse=partial(batch.announced, bucket=settings.prod_bucket),
        group_by=lambda one: one,
        handle=partial(batch.update, adapter.storage(), settings),
    )
