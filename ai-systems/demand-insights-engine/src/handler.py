"""demand-insights-engine: the HTTP API's entry point."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from demand_insights_engine.api import app
from lambda_app.observability import observed


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request of API Gateway, in payload format 2.0."""
    return app.resolve(event, context)
