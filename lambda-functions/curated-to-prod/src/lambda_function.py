"""curated-to-prod: S3 events through SQS in, one product per reading system out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache, partial
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

from curated_to_prod.layout import by_source
from curated_to_prod.reports import UnusableReportError
from curated_to_prod.service import Outcome, Service
from curated_to_prod.settings import Settings
from datalake import dead_letters
from datalake.notifications import PoisonMessageError, parse
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
    errors = {
        key: error
        for report_keys in by_source(announced(event))
        for key, error in publish(report_keys).items()
    }
    return process_partial_response(
        event=event,
        record_handler=partial(handle_message, errors),
        processor=processor,
        context=context,
    )


def announced(event: dict[str, Any]) -> list[str]:
    """The keys of all reports that the messages of a batch announce."""
    keys: list[str] = []
    for record in event["Records"]:
        # handle_message deals with the others.
        with suppress(PoisonMessageError):
            created = parse(SQSRecord(record).body, settings().curated_bucket)
            keys += [report.key for report in created]
    return keys


def publish(report_keys: Sequence[str]) -> dict[str, Exception]:
    """Process reports of one source together; return the errors of those that failed, by key.

    If they fail together, each half is tried alone, down to the reports whose fault it is.
    """
    try:
        observe(report_keys, service().process(*report_keys))
    except Exception as error:
        if len(report_keys) > 1:
            middle = len(report_keys) // 2
            return publish(report_keys[:middle]) | publish(report_keys[middle:])
        logger.exception("products not published", extra={"report_keys": report_keys})
        return {report_keys[0]: error}
    return {}


def observe(report_keys: Sequence[str], outcome: Outcome) -> None:
    """Log what became of reports and count it."""
    logger.info(
        f"products {outcome.status}",
        extra={
            "report_keys": report_keys,
            "partitions": len(outcome.written),
            "rows": outcome.rows,
        },
    )
    metrics.add_metric(f"Reports{outcome.status.capitalize()}", MetricUnit.Count, len(report_keys))
    metrics.add_metric("PartitionsWritten", MetricUnit.Count, len(outcome.written))
    metrics.add_metric("RowsWritten", MetricUnit.Count, outcome.rows)


def handle_message(errors: Mapping[str, Exception], record: SQSRecord) -> None:
    """Answer for one message, whose reports were worked on; whatever is raised makes SQS deliver
    it again. What no retry can help goes to the dead letter queue."""
    metrics.add_metric("Messages", MetricUnit.Count, 1)
    with logger.append_context_keys(message_id=record.message_id):
        try:
            reports = parse(record.body, settings().curated_bucket)
            found = [errors[report.key] for report in reports if report.key in errors]
            # Those that a retry may cure first: a message in the dead letter queue has none.
            if found:
                raise min(found, key=lambda error: isinstance(error, UnusableReportError))
        except (PoisonMessageError, UnusableReportError) as error:
            to_dead_letter_queue(record, error)


def to_dead_letter_queue(record: SQSRecord, error: Exception) -> None:
    """Send a message that no retry can help where a person finds it, with the error beside it."""
    logger.error("poison message", extra={"error": str(error)})
    metrics.add_metric("PoisonMessages", MetricUnit.Count, 1)
    dead_letters.send(queues(), settings().dead_letter_queue_url, record.body, error)
