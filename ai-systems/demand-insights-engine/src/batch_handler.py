"""demand-insights-engine-batch: manifests of demand_weekly through SQS in, insights out."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from datalake.contracts.prod import DEMAND_WEEKLY
from demand_insights_engine import demand_batch
from demand_insights_engine.batch import update_sources
from lambda_app.observability import observed


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Forecast the demand of every source that a batch of SQS messages names, once."""
    return update_sources(event, context, DEMAND_WEEKLY, demand_batch.update)
