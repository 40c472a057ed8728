"""Answers of the routes on unusual weeks and on what changed."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, Field, FiniteFloat


class SeriesName(BaseModel):
    """What names a series of demand."""

    level: str
    name: str
    currency: str


class Anomaly(SeriesName):
    """A week of unusual demand."""

    week: Annotated[date, Field(description="Monday of the week")]
    units: FiniteFloat
    expected: Annotated[FiniteFloat, Field(description="Usual demand of such a week")]
    lower: Annotated[FiniteFloat, Field(description="Least demand that is usual")]
    upper: Annotated[FiniteFloat, Field(description="Greatest demand that is usual")]
    score: Annotated[FiniteFloat, Field(description="Robust standard deviations from `expected`")]


class Anomalies(BaseModel):
    """Unusual weeks, the strongest first, and a Vega-Lite chart of them."""

    source: str
    model_version: str
    data_version: str
    found: Annotated[int, Field(description="All unusual weeks, also beyond the limit")]
    anomalies: list[Anomaly]
    chart: dict[str, Any]


class Mover(SeriesName):
    """The last full week of a series beside the weeks before it."""

    orders: int
    usual_orders: FiniteFloat
    ratio: Annotated[
        FiniteFloat, Field(description="Orders over usual orders, half of one added to both sums")
    ]
    lower: Annotated[FiniteFloat, Field(description="Lower bound of its 95 % interval")]
    upper: Annotated[FiniteFloat, Field(description="Upper bound of its 95 % interval")]
    p_value: Annotated[FiniteFloat, Field(description="Probability of such a change by chance")]
    is_significant: Annotated[
        bool, Field(description="Of those of a level, at most 10 % are expected to be chance")
    ]
    units: FiniteFloat
    usual_units: FiniteFloat
    change: Annotated[FiniteFloat, Field(description="units - usual_units")]


class Part(BaseModel):
    """What a product or a group adds to the change of the total."""

    name: Annotated[str | None, Field(description="null: all those that are not listed")]
    change: Annotated[FiniteFloat, Field(description="Units more than usual")]
    share: Annotated[FiniteFloat | None, Field(description="Of the total's change")]


class Movers(BaseModel):
    """What changed in the last full week; parts of the change add up to that of the total."""

    source: str
    currency: str
    model_version: str
    data_version: str
    week: Annotated[date, Field(description="Monday of the last full week")]
    units: Annotated[FiniteFloat, Field(description="Of all products")]
    usual_units: Annotated[FiniteFloat, Field(description="Mean of the four weeks before")]
    change: FiniteFloat
    risers: Annotated[list[Mover], Field(description="Significant ones first, then by `lower`")]
    fallers: Annotated[list[Mover], Field(description="Significant ones first, then by `upper`")]
    groups: Annotated[list[Part], Field(description="The change by groups")]
    products: Annotated[
        list[Part], Field(description="The change by products, the greatest ones by themselves")
    ]
    chart: dict[str, Any]
