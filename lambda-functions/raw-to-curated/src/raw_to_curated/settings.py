"""The function's environment as a typed object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from datalake.settings import optional, positive, required

DEFAULT_SPLIT_MB = 512


@dataclass(frozen=True)
class Settings:
    """Names of the buckets, the URL of the dead letter queue, the size of the parts into which a
    large object is split, and the ARN of the state machine that has the parts curated; without one
    every object is curated by the invocation that is told of it."""

    raw_bucket: str
    curated_bucket: str
    quarantine_bucket: str
    dead_letter_queue_url: str
    split_bytes: int = DEFAULT_SPLIT_MB * 1024**2
    backfill_arn: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read the settings. Raises MissingSettingError or InvalidSettingError."""
        return cls(
            raw_bucket=required(environment, "RAW_BUCKET"),
            curated_bucket=required(environment, "CURATED_BUCKET"),
            quarantine_bucket=required(environment, "QUARANTINE_BUCKET"),
            dead_letter_queue_url=required(environment, "DEAD_LETTER_QUEUE_URL"),
            split_bytes=positive(environment, "SPLIT_MB", DEFAULT_SPLIT_MB) * 1024**2,
            backfill_arn=optional(environment, "BACKFILL_STATE_MACHINE_ARN"),
        )
