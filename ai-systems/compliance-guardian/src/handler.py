"""compliance-guardian: the HTTP API's entry point."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from compliance_guardian import private_logs
from compliance_guardian.api import app
from compliance_guardian.pci.redaction import redacted
from lambda_app.observability import observed

private_logs.install()


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request of API Gateway, in payload format 2.0."""
    answer = app.resolve(event, context)
    if answer["statusCode"] >= HTTPStatus.BAD_REQUEST:
        # A problem names what is wrong, and so may repeat what the request holds.
        answer["body"] = json.dumps(redacted(json.loads(answer["body"])))
    return answer
