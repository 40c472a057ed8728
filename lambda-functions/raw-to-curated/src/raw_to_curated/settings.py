"""The function's environment as a typed object."""

from __future__ import annotations

from pydantic import Field

from lambda_app.settings import Settings as Environment


class Settings(Environment):
    """Names of the buckets, the size of the parts into which a large object is split, in MiB, and
    the ARN of the state machine that has the parts curated; without one every object is curated by
    the invocation that is told of it."""

    raw_bucket: str
    curated_bucket: str
    quarantine_bucket: str
    split_mb: float = Field(default=512, gt=0, allow_inf_nan=False)
    backfill_arn: str | None = Field(default=None, alias="BACKFILL_STATE_MACHINE_ARN")

    @property
    def split_bytes(self) -> int:
        """The size of the parts, in bytes."""
        return int(self.split_mb * 1024**2)
