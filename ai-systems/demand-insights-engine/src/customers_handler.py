"""demand-insights-engine-customers: manifests of customer_days through SQS in, insights out."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from datalake.contracts.prod import CUSTOMER_DAYS
from demand_insights_engine import customers_batch
from demand_insights_engine.batch import update_sources
from lambda_app.observability import observed


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Assess the customers of every source that a batch of SQS messages names, once."""
    return update_sources(event, context, CUSTOMER_DAYS, customers_batch.update)
