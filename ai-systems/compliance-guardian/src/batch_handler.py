"""compliance-guardian-batch: S3 events of the raw bucket through SQS in, insights out."""

from __future__ import annotations

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from compliance_guardian import adapter, batch, private_logs
from compliance_guardian.pci.redaction import redacted_text
from lambda_app.batch import process_messages
from lambda_app.observability import observed
from lambda_app.s3_events import created_object

private_logs.install()


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Scan every raw object that a batch of SQS messages names.

    The response names the messages to be delivered again.
    """
    settings = adapter.batch_settings()
    return process_messages(
        event,
        context,
        parse=partial(created_object, bucket=settings.raw_bucket),
        handle=partial(batch.update, adapter.storage(), settings),
        on_last_receive=partial(batch.give_up, adapter.storage(), settings),
        redact=redacted_text,
    )
