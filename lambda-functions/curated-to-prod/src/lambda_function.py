"""curated-to-prod: S3 events through SQS in, the tables of the prod bucket out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache, partial
from typing import Any

import boto3
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.typing import LambdaContext

from curated_to_prod.reports import UnusableReportError
from curated_to_prod.service import Service
from curated_to_prod.settings import Settings
from datalake.layout import CuratedObject
from datalake.parallel import at_once
from datalake.s3 import S3Storage
from lambda_app.batch import process_groups
from lambda_app.observability import count, logger, observed
from lambda_app.s3_events import CreatedObject, created_object


@cache
def settings() -> Settings:
    """The function's environment."""
    return Settings.from_environment(os.environ)


@cache
def service() -> Service:
    """The domain on Amazon S3."""
    return Service(S3Storage(boto3.client("s3")), settings(), at_once)


@observed
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Handle a batch of SQS messages; the response names those to be delivered again."""
    return process_groups(
        event,
        context,
        parse=partial(created_object, bucket=settings().curated_bucket),
        group_by=source,
        handle=publish,
        permanent=(UnusableReportError,),
    )


def source(report: CreatedObject) -> str:
    """The source of a report; "" for an object that is not a report."""
    found = CuratedObject.from_report_key(report.key)
    return found.source if found else ""


def publish(reports: Sequence[CreatedObject]) -> None:
    """Bring the prod tables up to date with reports of one source; log and count the outcome."""
    keys = list(dict.fromkeys(report.key for report in reports))
    outcome = service().process(*keys)
    logger.info(
        f"prod tables {outcome.status}",
        extra={
            "report_keys": keys,
            "partitions": len(outcome.written),
            "rows": outcome.rows,
        },
    )
    count(f"Reports{outcome.status.capitalize()}", len(keys))
    count("PartitionsWritten", len(outcome.written))
    count("RowsWritten", outcome.rows)
