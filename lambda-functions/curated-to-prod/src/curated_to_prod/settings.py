"""The function's environment as a typed object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


class MissingSettingError(Exception):
    """An environment variable that the function needs is not set."""


@dataclass(frozen=True)
class Settings:
    """Names of the buckets and the URL of the dead letter queue."""

    curated_bucket: str
    prod_bucket: str
    dead_letter_queue_url: str

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the settings. Raises MissingSettingError that names the variable."""

        def required(name: str) -> str:
            value = environment.get(name, "")
            if not value:
                raise MissingSettingError(f"set the environment variable {name} of this function")
            return value

        return cls(
            curated_bucket=required("CURATED_BUCKET"),
            prod_bucket=required("PROD_BUCKET"),
            dead_letter_queue_url=required("CURATED_OBJECTS_DLQ_QUEUE_URL"),
        )
