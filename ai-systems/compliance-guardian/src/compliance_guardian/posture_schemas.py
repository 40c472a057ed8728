"""Answers of the routes on the posture."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

Count = Annotated[int, Field(ge=0)]


class SourcePosture(BaseModel):
    """What the scans found of one source."""

    source: str
    policy: Annotated[str, Field(description="report, mask, hash or block")]
    bucket: Annotated[str, Field(description="Bucket to which the source delivers")]
    objects: Count
    incomplete: Annotated[Count, Field(description="Objects that were not scanned to the end")]
    with_card_data: Annotated[Count, Field(description="Objects with card data")]
    card_numbers: Count
    track_data: Count
    verification_codes: Count
    personal_data: Annotated[Count, Field(description="Other findings")]
    readable: Annotated[Count, Field(description="Card data that can be read in raw: open")]
    protected_share: Annotated[
        float | None, Field(ge=0, le=1, description="Share of card data that raw does not show")
    ]
    first_delivery: datetime | None
    last_delivery: datetime | None


class BucketPosture(BaseModel):
    """How a bucket keeps objects; null is what could not be seen, for the reason in `problem`."""

    bucket: str
    encryption: Annotated[str | None, Field(description="Algorithm, or none")]
    expire_days: Annotated[
        dict[str, int] | None, Field(description="Days by prefix; empty: nothing expires")
    ]
    old_versions_days: Annotated[
        int | None, Field(description="How long replaced and deleted objects stay; 0: not at all")
    ]
    problem: str | None


class MonthPosture(BaseModel):
    """What was delivered in a month."""

    month: str
    objects: Count
    with_card_data: Count
    card_data: Count
    readable: Count


class RequirementPosture(BaseModel):
    """What the evidence says of a requirement of PCI DSS 4.0.1."""

    requirement: str
    title: str
    state: Literal["open", "none found", "unknown"]
    evidence: str


class PostureAnswer(BaseModel):
    """The posture of all sources: evidence for an assessment, not an assessment."""

    at: datetime
    requirements: list[RequirementPosture]
    sources: list[SourcePosture]
    buckets: list[BucketPosture]
    trend: list[MonthPosture]
    chart: Annotated[dict[str, Any], Field(description="Vega-Lite 6: card data by month")]


class Copy(BaseModel):
    """Where what an object holds may lie, too."""

    bucket: str
    key: Annotated[str, Field(description="Key of a file, or what the keys of many begin with")]


class ObjectPosture(BaseModel):
    """An object with findings; `copies` is null where its key holds a number."""

    object: str
    bucket: str
    key: Annotated[str, Field(description="Numbers in it are masked")]
    delivered_at: datetime
    outcome: str
    is_complete: bool
    card_numbers: Count
    track_data: Count
    verification_codes: Count
    personal_data: Count
    readable: Count
    copies: list[Copy] | None


class SourceAnswer(BaseModel):
    """The objects of a source with findings, those with readable card data first."""

    posture: SourcePosture
    prod: Annotated[list[Copy], Field(description="Prod tables made of the source")]
    objects: list[ObjectPosture]
    next: Annotated[int | None, Field(description="`offset` of the next page; null at the end")]
