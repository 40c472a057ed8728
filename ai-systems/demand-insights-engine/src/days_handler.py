"""demand-insights-engine-days: manifests of demand_daily through SQS in, insights out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from datalake.contracts.prod import DEMAND_DAILY
from demand_insights_engine import adapter, days_batch
from demand_insights_engine.batch import announced_source
from lambda_app.batch import process_groups
from lambda_app.observability import observed


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Forecast the days of every source that a batch of SQS messages names, once.

    The response names the messages to be delivered again.
    """
    settings = adapter.batch_settings()
    return process_groups(
        event,
        context,
        parse=partial(announced_source, bucket=settings.prod_bucket, table=DEMAND_DAILY),
        group_by=lambda source: source,
        handle=_update,
    )


def _update(sources: Sequence[str]) -> None:
    days_batch.update(adapter.storage(), adapter.batch_settings(), sources[0])
