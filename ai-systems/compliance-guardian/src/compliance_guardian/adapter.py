"""The environment and AWS: this module and `fraud_adapter` alone know them."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools.utilities import parameters

from datalake.s3 import S3Storage
from lambda_app.settings import Settings

if TYPE_CHECKING:
    from compliance_guardian.posture import BucketFacts

_KEY_AGE_S = 300
"""How long a key is used before it is looked up again."""


class BatchSettings(Settings):
    """The environment of the batch."""

    raw_bucket: str
    insights_bucket: str


class PostureSettings(Settings):
    """The environment of the API, as far as it is of the posture: every bucket."""

    inbox_bucket: str
    raw_bucket: str
    curated_bucket: str
    quarantine_bucket: str
    prod_bucket: str
    insights_bucket: str
    backfills_bucket: str

    @property
    def buckets(self) -> list[tuple[str, str]]:
        """The catalogue's name of each bucket, and its own."""
        return [(name.removesuffix("_bucket"), value) for name, value in self]


class InventorySettings(Settings):
    """The environment of the function that keeps the inventory."""

    insights_bucket: str


class InboxSettings(Settings):
    """The environment of the function that reads the inbox."""

    inbox_bucket: str
    raw_bucket: str
    quarantine_bucket: str
    insights_bucket: str
    pan_hash_key_secret_id: str


@cache
def batch_settings() -> BatchSettings:
    """Raises InvalidSettingsError."""
    return BatchSettings.from_environment(os.environ)


@cache
def posture_settings() -> PostureSettings:
    """Raises InvalidSettingsError."""
    return PostureSettings.from_environment(os.environ)


@cache
def inventory_settings() -> InventorySettings:
    """Raises InvalidSettingsError."""
    return InventorySettings.from_environment(os.environ)


@cache
def inbox_settings() -> InboxSettings:
    """Raises InvalidSettingsError."""
    return InboxSettings.from_environment(os.environ)


@cache
def storage() -> S3Storage:
    """Amazon S3."""
    return S3Storage(_s3())


def bucket_facts(name: str, bucket: str) -> BucketFacts:
    """How a bucket, which the catalogue calls `name`, keeps objects."""
    from compliance_guardian.bucket_facts import facts

    return facts(_s3(), name, bucket)


@cache
def _s3() -> Any:
    return boto3.client("s3")


def hash_key(secret_id: str) -> bytes:
    """The key for hashes of card numbers, from Secrets Manager."""
    # Bytes, too, where the secret was stored as such, though its type says text.
    secret: object = parameters.get_secret(secret_id, max_age=_KEY_AGE_S)
    return secret if isinstance(secret, bytes) else str(secret).encode()
