"""The environment and AWS: the only module that knows them."""

from __future__ import annotations

import os
from functools import cache

import boto3

from datalake.s3 import S3Storage
from lambda_app.settings import Settings


class BatchSettings(Settings):
    """The environment of the batch."""

    raw_bucket: str
    insights_bucket: str


@cache
def batch_settings() -> BatchSettings:
    """Raises InvalidSettingsError."""
    return BatchSettings.from_environment(os.environ)


@cache
def storage() -> S3Storage:
    """Amazon S3."""
    return S3Storage(boto3.client("s3"))
