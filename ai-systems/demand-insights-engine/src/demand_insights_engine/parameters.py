"""Parameters that routes of several topics take."""

from __future__ import annotations

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

Source = Annotated[str, Path(pattern="^[a-z0-9_-]+$", max_length=64, description="Source")]
_LEVEL = Query(description="What the demand is summed over")
_NAME = Query(min_length=1, max_length=200, description="Product code, name of the group, or `all`")
Level = Annotated[Literal["product", "group", "total"], _LEVEL]
AnyLevel = Annotated[Literal["product", "group", "total"] | None, _LEVEL]
Name = Annotated[str, _NAME]
AnyName = Annotated[str | None, _NAME]
Currency = Annotated[
    str | None, Query(pattern="^[A-Z]{3}$", description="Needed where the source has several")
]
Limit = Annotated[int, Query(ge=1, le=500, description="How many rows at most")]
