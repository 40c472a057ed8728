"""raw-to-curated: S3 events through SQS in, curated tables and data-quality reports out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache, partial
from typing import Any

import boto3
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from datalake.parallel import at_once
from datalake.s3 import S3Storage
from lambda_app.batch import process_messages
from lambda_app.observability import count, logger, observed
from lambda_app.s3_events import CreatedObject, created_object
from raw_to_curated.backfill import StateMachine
from raw_to_curated.service import Service, Status
from raw_to_curated.settings import Settings
from raw_to_curated.source_drift import SourceDrift
from raw_to_curated.split import SplitService


@cache
def settings() -> Settings:
    """The function's environment."""
    return Settings.from_environment(os.environ)


@cache
def service() -> Service:
    """The domain on Amazon S3 and AWS Step Functions."""
    arn = settings().backfill_arn
    backfill = StateMachine(boto3.client("stepfunctions"), arn) if arn else None
    return Service(S3Storage(boto3.client("s3")), settings(), backfill, at_once)


@cache
def split_service() -> SplitService:
    """The steps for large objects on Amazon S3."""
    return SplitService(S3Storage(boto3.client("s3")), settings(), at_once)


@cache
def source_drift() -> SourceDrift:
    """The drift of a source's objects, on Amazon S3."""
    return SourceDrift(S3Storage(boto3.client("s3")), settings(), at_once)


@observed
def lambda_handler(
    event: dict[str, Any], context: LambdaContext
) -> PartialItemFailureResponse | dict[str, Any]:
    """Handle a batch of SQS messages; the response names those to be delivered again.

    An event with an `action` is a step of a large object's curation or asks for a source's drift,
    see README.md.
    """
    if "action" in event:
        service = source_drift() if event["action"] == "drift" else split_service()
        with logger.append_context_keys(object_key=event.get("key")):
            answer = service.handle(event)
            count("Steps")
            compare_counts(answer)
            logger.info("step done", extra={"step": event["action"], "result": answer["status"]})
            return answer
    return process_messages(
        event,
        context,
        parse=partial(created_object, bucket=settings().raw_bucket),
        handle=curate,
        on_last_receive=reject_provisionally,
    )


def curate(raw_object: CreatedObject) -> None:
    """Process one raw object; log and count the outcome."""
    outcome = service().process(raw_object)
    report = outcome.report.content() if outcome.report else {}
    summary = {
        name: report[name]
        for name in ("source", "reason", "message", "rows_in", "rows_curated", "rows_quarantined")
        if name in report
    }
    logger.info(
        f"object {outcome.status}",
        extra={"object_key": raw_object.key, "sequencer": raw_object.sequencer, "result": summary},
    )
    count(f"Objects{outcome.status.capitalize()}")
    if outcome.status is Status.CURATED:
        count("RowsIn", report["rows_in"])
        count("RowsQuarantined", report["rows_quarantined"])
        count("ExactDuplicates", report["exact_duplicates"])
    with logger.append_context_keys(object_key=raw_object.key):
        compare_counts(report)


def compare_counts(report: Mapping[str, Any]) -> None:
    """Log and count an object of which two readers found different numbers of rows."""
    counted = report.get("counted_independently")
    if counted is not None:
        count("ObjectsCountedIndependently")
        if not counted["agrees"]:
            count("CountsDisagree")
            found = {"rows_in": report["rows_in"], **counted}
            logger.warning("another reader counts other rows", extra=found)


def reject_provisionally(
    raw_object: CreatedObject, receives: int, error: Exception | None = None
) -> None:
    """Give an object an outcome before its last delivery, whatever ends it; count a failed one."""
    service().reject_provisionally(raw_object, receives, error)
    if error is not None:
        count("ObjectsGivenUp")
        logger.error("object given up", extra={"object_key": raw_object.key, "receives": receives})
