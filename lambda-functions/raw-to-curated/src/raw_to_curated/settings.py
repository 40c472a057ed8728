"""The function's environment as a typed object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


class MissingSettingError(Exception):
    """An environment variable that the function needs is not set."""


@dataclass(frozen=True)
class Settings:
    """Names of the buckets, the URL of the dead letter queue, and the size of the parts into which
    a large object is split."""

    raw_bucket: str
    curated_bucket: str
    quarantine_bucket: str
    dead_letter_queue_url: str
    split_bytes: int = 512 * 1024**2

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the settings. Raises MissingSettingError that names the variable."""

        def required(name: str) -> str:
            value = environment.get(name, "")
            if not value:
                raise MissingSettingError(f"set the environment variable {name} of this function")
            return value

        return cls(
            raw_bucket=required("RAW_BUCKET"),
            curated_bucket=required("CURATED_BUCKET"),
            quarantine_bucket=required("QUARANTINE_BUCKET"),
            dead_letter_queue_url=required("RAW_OBJECTS_DLQ_QUEUE_URL"),
            split_bytes=int(required("SPLIT_MB")) * 1024**2
            if environment.get("SPLIT_MB")
            else cls.split_bytes,
        )
