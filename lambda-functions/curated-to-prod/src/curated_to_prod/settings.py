"""The function's environment as a typed object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from datalake.settings import required


@dataclass(frozen=True)
class Settings:
    """Names of the buckets and the URL of the dead letter queue."""

    curated_bucket: str
    prod_bucket: str
    dead_letter_queue_url: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the settings. Raises MissingSettingError that names the variable."""
        return cls(
            curated_bucket=required(environment, "CURATED_BUCKET"),
            prod_bucket=required(environment, "PROD_BUCKET"),
            dead_letter_queue_url=required(environment, "DEAD_LETTER_QUEUE_URL"),
        )
