"""The function's environment as a typed object."""

from __future__ import annotations

from lambda_app.settings import Settings as Environment


class Settings(Environment):
    """Names of the buckets."""

    curated_bucket: str
    prod_bucket: str
