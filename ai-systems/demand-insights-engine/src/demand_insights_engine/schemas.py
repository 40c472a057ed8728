"""Requests and answers of the API."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, NonNegativeFloat, model_validator

from demand_insights_engine.unusual_weeks.scores import MIN_WEEKS

MAX_WEEKS = 520

Units = Annotated[NonNegativeFloat, Field(le=1e12, description="Units sold")]


class Week(BaseModel):
    """The demand in one week; `week` is its Monday."""

    model_config = ConfigDict(extra="forbid")

    week: date
    units: Units


class Series(BaseModel):
    """The demand for one product, in the order of the weeks."""

    model_config = ConfigDict(extra="forbid")

    weeks: Annotated[list[Week], Field(min_length=MIN_WEEKS, max_length=MAX_WEEKS)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        days = [week.week for week in self.weeks]
        if any(later <= earlier for earlier, later in pairwise(days)):
            raise ValueError("weeks must be in order, each once")
        return self


class AssessedWeek(Week):
    """A week beside what is usual: `expected`, and the bounds beyond which a week is unusual."""

    expected: Annotated[FiniteFloat, Field(description="Units in a usual week")]
    lower: FiniteFloat
    upper: FiniteFloat
    score: Annotated[FiniteFloat, Field(description="Distance in robust standard deviations")]
    is_unusual: bool


class Assessment(BaseModel):
    """The assessment of a series, and a Vega-Lite chart of it."""

    model_version: str
    weeks: list[AssessedWeek]
    chart: dict[str, Any]


class UnusualWeek(Week):
    """An unusual week of a product."""

    product_id: str
    currency: Annotated[str, Field(description="Currency of the sales")]
    expected: FiniteFloat
    lower: FiniteFloat
    upper: FiniteFloat
    score: FiniteFloat


class UnusualWeeks(BaseModel):
    """The weeks of a source that are furthest from usual, and a Vega-Lite chart of them."""

    source: str
    model_version: str | None
    data_version: str | None
    weeks: list[UnusualWeek]
    chart: dict[str, Any]
