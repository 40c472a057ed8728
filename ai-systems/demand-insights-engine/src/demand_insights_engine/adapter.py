"""The environment and AWS: the only module that knows them."""

from __future__ import annotations

import os
from functools import cache

import boto3

from datalake.s3 import S3Storage
from lambda_app.settings import Settings


class ApiSettings(Settings):
    """The environment of the API."""

    insights_bucket: str


class BatchSettings(ApiSettings):
    """The environment of the batch."""

    prod_bucket: str


@cache
def api_settings() -> ApiSettings:
    """Raises InvalidSettingsError."""
    return ApiSettings.from_environment(os.environ)


@cache
def batch_settings() -> BatchSettings:
    """Raises InvalidSettingsError."""
    return BatchSettings.from_environment(os.environ)


@cache
def storage() -> S3Storage:
    """Amazon S3."""
    return S3Storage(boto3.client("s3"))
