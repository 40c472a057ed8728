"""Answers of the routes on customers."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, Field, FiniteFloat

MAX_LEAVING = 500
MAX_COHORTS = 60

Share = Annotated[float, Field(ge=0, le=1)]
Score = Annotated[int, Field(ge=1, le=5)]


class Figure(BaseModel):
    """A figure with its interval; null where the data do not tell, and warnings say why."""

    value: FiniteFloat | None
    lower: FiniteFloat | None
    upper: FiniteFloat | None
    level: Annotated[Share, Field(description="How often the interval should hold the truth")]
    as_of: Annotated[date, Field(description="Only what was before this day is known")]
    purchase_days: Annotated[int, Field(description="Days with a purchase that it rests on")]


class Scores(BaseModel):
    """Fifths of the source's customers that the customer is in; 5 is the best."""

    recency: Score
    frequency: Score
    monetary: Score


class Activity(BaseModel):
    """The probability that a customer is still active, at the beginning of a day."""

    day: date
    p_active: Share


class Insights(BaseModel):
    """What every answer on customers names, and a Vega-Lite chart of it."""

    source: str
    model_version: str
    data_version: str
    chart: dict[str, Any]


class CustomerCard(Insights):
    """A customer's history, and a forecast of the next `horizon_days`."""

    customer_id: str
    currency: str
    as_of: Annotated[date, Field(description="Only what was before this day is known")]
    first_day: Annotated[date, Field(description="First purchase")]
    last_day: Annotated[date, Field(description="Latest purchase")]
    purchase_days: Annotated[int, Field(description="Days with a purchase")]
    amount: Annotated[FiniteFloat, Field(description="Amount of all purchases")]
    returned_amount: Annotated[FiniteFloat, Field(description="Amount of all returns")]
    segment: str
    scores: Scores
    horizon_days: Annotated[int, Field(description="Days from `as_of` on that are foretold")]
    p_active: Annotated[Figure, Field(description="Probability that the customer still buys")]
    purchases: Annotated[Figure, Field(description="Expected days with a purchase")]
    mean_amount: Annotated[Figure, Field(description="Expected amount of such a day")]
    spend: Annotated[Figure, Field(description="Expected amount of all such days")]
    p_leaves: Annotated[Figure, Field(description="Probability of no purchase")]
    warnings: Annotated[list[str], Field(description="What the figures cannot rest on")]
    activity: Annotated[list[Activity], Field(description="Of the last two years, by week")]


class Quintiles(BaseModel):
    """The four values that divide all customers into fifths, as scores do."""

    recency_days: list[FiniteFloat]
    purchase_days: list[FiniteFloat]
    net_amount: list[FiniteFloat]


class Segment(BaseModel):
    """The customers of a segment."""

    segment: str
    customers: int
    share: Annotated[Share, Field(description="Share of all customers")]
    net_amount: Annotated[FiniteFloat, Field(description="Amount less returns of the segment")]
    median_recency_days: Annotated[FiniteFloat, Field(description="Since the latest purchase")]
    median_purchase_days: FiniteFloat


class Segments(Insights):
    """Segments of all customers by recency, frequency and monetary value."""

    currency: str
    as_of: date
    quintiles: Quintiles
    segments: Annotated[list[Segment], Field(description="The one with most customers first")]


class Retention(BaseModel):
    """How many of a cohort bought in a month, with a 95 % interval of their share."""

    months_since: Annotated[int, Field(description="Months since the first purchase")]
    active: int
    retention: Share
    lower: Share
    upper: Share


class Cohort(BaseModel):
    """The customers won in a month."""

    cohort: Annotated[str, Field(description="Month of the first purchase, as 2024-01")]
    customers: int
    is_first: Annotated[
        bool, Field(description="The source's first month: some were won before it")
    ]
    months: list[Retention]


class Cohorts(Insights):
    """Retention of the customers won in each month."""

    currency: str
    cohorts: Annotated[list[Cohort], Field(description="In order of time")]


class Recommendation(BaseModel):
    """A product that a customer has not bought, and why it is recommended."""

    rank: int
    product_id: str
    score: Annotated[FiniteFloat, Field(description="Sum of cosines with the customer's products")]
    because_of: Annotated[str, Field(description="The customer's product that speaks most for it")]
    lift: Annotated[FiniteFloat, Field(description="Buyers of both, by what chance explains")]
    together: Annotated[int, Field(description="Customers who bought both")]
    p_value: Annotated[Share, Field(description="Of the pair, by the G-test")]


class Recommendations(Insights):
    """Next-best products of a customer."""

    customer_id: str
    products_bought: Annotated[
        int | None,
        Field(description="Products that it rests on; null where nothing speaks for any"),
    ]
    recommendations: list[Recommendation]


class LeavingCustomer(BaseModel):
    """A customer who may leave."""

    customer_id: str
    segment: str
    last_day: Annotated[date, Field(description="Latest purchase")]
    purchase_days: Annotated[int, Field(description="Days with a purchase, which figures rest on")]
    p_leaves: Figure
    spend: Annotated[Figure, Field(description="Expected amount of the next `horizon_days`")]
    spend_at_risk: Annotated[
        FiniteFloat | None, Field(description="`spend` times the probability to leave")
    ]


class Leaving(Insights):
    """The customers whose leaving would cost most: those without an expected spend come last."""

    currency: str
    as_of: date
    horizon_days: Annotated[int, Field(description="Days without a purchase that are leaving")]
    customers_assessed: Annotated[int, Field(description="Customers with a probability to leave")]
    customers_leaving: Annotated[int, Field(description="Those of `min_probability` or more")]
    spend_at_risk: Annotated[FiniteFloat, Field(description="Of all who are leaving")]
    customers: list[LeavingCustomer]
    warnings: Annotated[list[str], Field(description="What no customer's figures can rest on")]
