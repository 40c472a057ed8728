"""The request and answers of the routes on stock."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from demand_insights_engine.demand_schemas import MAX_VALUES
from demand_insights_engine.stock.policy import MOST_WEEKS

MOST_ORDERED = 10**9
_MOST_DEMAND = 1e11

LeadWeeks = Annotated[FiniteFloat, Field(ge=0, le=MOST_WEEKS - 1, description="Mean lead time")]
LeadDeviation = Annotated[
    FiniteFloat, Field(ge=0, le=MOST_WEEKS, description="Its standard deviation in weeks")
]
ServiceLevel = Annotated[
    FiniteFloat,
    Field(ge=0.5, le=0.99, description="Share of review intervals without shortage that is wanted"),
]
Units = Annotated[int, Field(ge=1, le=MOST_ORDERED)]
Position = Annotated[
    int | None,
    Field(
        ge=-MOST_ORDERED,
        le=MOST_ORDERED,
        description="Units in stock and on order, less those that are owed",
    ),
]


class OrderTerms(BaseModel):
    """How a product is ordered."""

    model_config = ConfigDict(extra="forbid")

    lead_weeks: LeadWeeks = 2
    lead_deviation: LeadDeviation = 0
    service_level: ServiceLevel = 0.95
    multiple: Annotated[Units, Field(description="Orders are whole multiples of it")] = 1
    minimum: Annotated[Units, Field(description="Least order")] = 1
    review: Annotated[
        int, Field(ge=1, le=MOST_WEEKS, description="Weeks from one decision to the next")
    ] = 1
    position: Position = None


class SeriesAdvice(OrderTerms):
    """Advice on a product whose demand is in the request."""

    values: Annotated[
        list[Annotated[FiniteFloat, Field(ge=0, le=_MOST_DEMAND)] | None],
        Field(
            min_length=1,
            max_length=MAX_VALUES,
            repr=False,
            description="Demand a week, the last week last; null where it is unknown",
        ),
    ]


class LeadTimeShare(BaseModel):
    """A lead time, and how probable it is."""

    weeks: int
    probability: FiniteFloat


class Advice(BaseModel):
    """When to order and up to which level, and why; with a Vega-Lite chart."""

    model_version: str
    terms: OrderTerms
    reorder_point: Annotated[
        int, Field(description="Position at or below which to order; -1: wait for a customer")
    ]
    order_up_to: Annotated[int, Field(description="Position that an order never exceeds")]
    expected_service: Annotated[
        FiniteFloat, Field(description="Share of review intervals without shortage")
    ]
    order: Annotated[int | None, Field(description="Units to order now, where `position` is given")]
    textbook_reorder_point: Annotated[
        int, Field(description="That of the rule that takes demand to be normally distributed")
    ]
    textbook_service: Annotated[FiniteFloat, Field(description="What it would reach")]
    lead_times: list[LeadTimeShare]
    demand_mean: Annotated[FiniteFloat, Field(description="Over lead time and review")]
    demand_quantiles: Annotated[
        dict[str, FiniteFloat], Field(description="By name: q95 is exceeded in 5 % of all cases")
    ]
    warning: Annotated[str | None, Field(description="What the advice could not rest on")]
    chart: dict[str, Any]


class StoredAdvice(Advice):
    """Advice on a product whose demand the batch knows."""

    source: str
    name: str
    currency: str
    data_version: str
