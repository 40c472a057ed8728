"""curated-to-prod: S3 events through SQS in, one product per reading system out."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from curated_to_prod.notifications import PoisonMessageError, parse
from curated_to_prod.reports import UnusableReportError
from curated_to_prod.service import Outcome, Service
from curated_to_prod.settings import Settings

from datalake import dead_letters
from datalake.s3 import S3Storage

SERVICE = "curated-to-prod"

logger = Logger(service=SERVICE)
metrics = Metrics(namespace="DataPlane", service=SERVICE)
tracer = Tracer(service=SERVICE, patch_modules=["botocore"])
# A batch in which every message fails is no error of the invocation either: SQS retries exactly
# the messages that the response names.
processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


@cache
def settings() -> Settings:
    """The function's environment."""
    return Settings.from_environment(os.environ)


@cache
def service() -> Service:
    """The domain on Amazon S3."""
    return Service(S3Storage(boto3.client("s3")), settings())


@cache
def queues() -> Any:
    """The SQS client."""
    return boto3.client("sqs")


@logger.inject_lambda_context
@metrics.log_metrics
@tracer.capture_lambda_handler(capture_response=False)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Handle a batch of SQS messages; the response names those to be delivered again."""
    return process_partial_response(
        event=event, record_handler=handle_message, processor=processor, context=context
    )


def handle_message(record: SQSRecord) -> None:
    """Handle one message: each report that it announces, or the dead letter queue."""
    metrics.add_metric("Messages", MetricUnit.Count, 1)
    with logger.append_context_keys(message_id=record.message_id):
        try:
            for key in parse(record.body, settings().curated_bucket):
                publish(key)
        except (PoisonMessageError, UnusableReportError) as error:
            to_dead_letter_queue(record, error)


def publish(report_key: str) -> None:
    """Process one report. Whatever else is raised makes SQS deliver the message again."""
    try:
        observe(report_key, service().process(report_key))
    except UnusableReportError:
        raise
    except Exception:
        logger.exception("products not published", extra={"report_key": report_key})
        raise


def observe(report_key: str, outcome: Outcome) -> None:
    """Log what became of a report and count it."""
    logger.info(
        f"products {outcome.status}",
        extra={"report_key": report_key, "partitions": len(outcome.written), "rows": outcome.rows},
    )
    metrics.add_metric(f"Reports{outcome.status.capitalize()}", MetricUnit.Count, 1)
    metrics.add_metric("PartitionsWritten", MetricUnit.Count, len(outcome.written))
    metrics.add_metric("RowsWritten", MetricUnit.Count, outcome.rows)


def to_dead_letter_queue(record: SQSRecord, error: Exception) -> None:
    """Send a message that no retry can help where a person finds it, with the error beside it."""
    logger.error("poison message", extra={"error": str(error)})
    metrics.add_metric("PoisonMessages", MetricUnit.Count, 1)
    dead_letters.send(queues(), settings().dead_letter_queue_url, record.body, error)
