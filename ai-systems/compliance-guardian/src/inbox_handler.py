"""compliance-guardian-inbox: S3 events of the inbox bucket through SQS in, released copies out."""

from __future__ import annotations

from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from compliance_guardian import adapter, private_logs
from compliance_guardian.inbox import Inbox
from compliance_guardian.pci.redaction import redacted_text
from lambda_app.batch import process_messages
from lambda_app.observability import observed
from lambda_app.s3_events import created_object

private_logs.install()


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Release or block every object of the inbox that a batch of SQS messages names.

    The response names the messages to be delivered again.
    """
    settings = adapter.inbox_settings()
    hash_key = partial(adapter.hash_key, settings.pan_hash_key_secret_id)
    inbox = Inbox(adapter.storage(), settings, hash_key)
    return process_messages(
        event,
        context,
        parse=partial(created_object, bucket=settings.inbox_bucket),
        handle=inbox.update,
        on_last_receive=inbox.give_up,
        redact=redacted_text,
    )
