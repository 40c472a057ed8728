"""The events of a large object's steps, which an execution hands from one to the next.

README.md has their form. Members that a step does not know are passed over.
"""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lambda_app.s3_events import CreatedObject
from raw_to_curated.date_limits import DateLimits


class Step(BaseModel):
    """What every step names; `plan` is one."""

    model_config = ConfigDict(frozen=True)

    action: str
    bucket: str
    key: str = Field(min_length=1)
    version_id: str | None = None


class PlannedStep(Step):
    """A step of a plan with `of` parts, whose dates have limits; `finish` is one."""

    etag: str
    sequencer: str
    of: int = Field(ge=1)
    dates: DateLimits

    @property
    def raw_object(self) -> CreatedObject:
        """The version that was planned."""
        return CreatedObject(self.key, self.sequencer, self.etag, self.version_id)


class PartStep(PlannedStep):
    """`curate_part`: the bytes from `start` to before `end`."""

    part: int = Field(ge=0)
    start: int = Field(ge=0)
    end: int

    @model_validator(mode="after")
    def _is_a_part(self) -> Self:
        if self.part >= self.of or self.end < self.start:
            raise ValueError("part must be less than of, and end not less than start")
        return self


class Failed(BaseModel):
    """What is known of a step that failed; `error` is that of Step Functions."""

    etag: str | None = None
    version_id: str | None = None
    error: dict[str, Any] = Field(default_factory=dict)


class GiveUpStep(Step):
    """`give_up`: `step` failed for good."""

    step: Failed = Failed()
