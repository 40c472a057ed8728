"""raw-to-curated: S3 events through SQS in, curated tables and data-quality reports out."""

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

from datalake import dead_letters
from datalake.notifications import CreatedObject, PoisonMessageError, parse
from datalake.s3 import S3Storage
from raw_to_curated.backfill import StateMachine
from raw_to_curated.service import Outcome, Service, Status
from raw_to_curated.settings import Settings
from raw_to_curated.split import SplitService

SERVICE = "raw-to-curated"

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
    """The domain on Amazon S3 and AWS Step Functions."""
    arn = settings().backfill_arn
    backfill = StateMachine(boto3.client("stepfunctions"), arn) if arn else None
    return Service(S3Storage(boto3.client("s3")), settings(), backfill)


@cache
def split_service() -> SplitService:
    """The steps for large objects on Amazon S3."""
    return SplitService(S3Storage(boto3.client("s3")), settings())


@cache
def queues() -> Any:
    """The SQS client."""
    return boto3.client("sqs")


@logger.inject_lambda_context
@metrics.log_metrics
@tracer.capture_lambda_handler(capture_response=False)
def lambda_handler(
    event: dict[str, Any], context: LambdaContext
) -> PartialItemFailureResponse | dict[str, Any]:
    """Handle a batch of SQS messages; the response names those to be delivered again.

    An event with an `action` is a step of a large object's curation, see README.md.
    """
    if "action" in event:
        with logger.append_context_keys(object_key=event.get("key")):
            answer = split_service().handle(event)
            logger.info("step done", extra={"step": event["action"], "result": answer["status"]})
            return answer
    return process_partial_response(
        event=event, record_handler=handle_message, processor=processor, context=context
    )


def handle_message(record: SQSRecord) -> None:
    """Handle one message: each raw object that it announces, or the dead letter queue."""
    metrics.add_metric("Messages", MetricUnit.Count, 1)
    with logger.append_context_keys(message_id=record.message_id):
        try:
            raw_objects = parse(record.body, settings().raw_bucket)
        except PoisonMessageError as error:
            to_dead_letter_queue(record, error)
            return
        for raw_object in raw_objects:
            curate(raw_object)


def curate(raw_object: CreatedObject) -> None:
    """Process one raw object. Whatever is raised makes SQS deliver the message again."""
    try:
        observe(raw_object, service().process(raw_object))
    except Exception:
        logger.exception("object not curated", extra={"object_key": raw_object.key})
        raise


def observe(raw_object: CreatedObject, outcome: Outcome) -> None:
    """Log what became of a raw object and count it."""
    report = outcome.report or {}
    summary = {
        name: report[name]
        for name in ("source", "reason", "message", "rows_in", "rows_curated", "rows_quarantined")
        if name in report
    }
    logger.info(
        f"object {outcome.status}",
        extra={"object_key": raw_object.key, "sequencer": raw_object.sequencer, "result": summary},
    )
    metrics.add_metric(f"Objects{outcome.status.capitalize()}", MetricUnit.Count, 1)
    if outcome.status is Status.CURATED:
        metrics.add_metric("RowsIn", MetricUnit.Count, report["rows_in"])
        metrics.add_metric("RowsQuarantined", MetricUnit.Count, report["rows_quarantined"])
        metrics.add_metric("ExactDuplicates", MetricUnit.Count, report["exact_duplicates"])


def to_dead_letter_queue(record: SQSRecord, error: Exception) -> None:
    """Send a message that no retry can help where a person finds it, with the error beside it."""
    logger.error("poison message", extra={"error": str(error)})
    metrics.add_metric("PoisonMessages", MetricUnit.Count, 1)
    dead_letters.send(queues(), settings().dead_letter_queue_url, record.body, error)
