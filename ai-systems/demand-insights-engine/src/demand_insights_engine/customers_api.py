"""The routes on customers: what the batch found of them."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from demand_insights_engine.customers_schemas import (
    MAX_COHORTS,
    MAX_LEAVING,
    Cohorts,
    CustomerCard,
    Leaving,
    Recommendations,
    Segments,
)
from demand_insights_engine.parameters import Currency, Source
from demand_insights_engine.stored import answer
from lambda_app.http import HttpRouter

router = HttpRouter()

_MADE = "The batch assesses everyone with a purchase when the days of a source's customers change."
# In the query: API Gateway decodes a path before it matches it, so no route would take a slash.
CustomerId = Annotated[
    str, Query(min_length=1, max_length=1_000, description="Customer, as in the source's orders")
]
CohortLimit = Annotated[int, Query(ge=1, le=MAX_COHORTS, description="Most cohorts, the latest")]
MinProbability = Annotated[
    float, Query(ge=0, le=1, description="Only customers who leave with this probability or more")
]
LeavingLimit = Annotated[int, Query(ge=1, le=MAX_LEAVING, description="Most customers")]


@router.get("/customers/<source>/card", summary="A customer's card")
def read_card(source: Source, customer_id: CustomerId, currency: Currency = None) -> CustomerCard:
    """A customer's history and forecasts, each figure with its interval."""
    from demand_insights_engine import customers_stored

    read = partial(customers_stored.card, source=source, customer_id=customer_id, currency=currency)
    return answer(read, f"card of customer {customer_id} of source {source}", _MADE)


@router.get("/customers/<source>/segments", summary="Segments of customers")
def read_segments(source: Source, currency: Currency = None) -> Segments:
    """Named segments by recency, frequency and monetary value."""
    from demand_insights_engine import customers_stored

    read = partial(customers_stored.segments, source=source, currency=currency)
    return answer(read, f"segments of customers of source {source}", _MADE)


@router.get("/customers/<source>/cohorts", summary="Retention of customers")
def read_cohorts(source: Source, currency: Currency = None, limit: CohortLimit = 24) -> Cohorts:
    """What share of the customers won in a month buys in each later month."""
    from demand_insights_engine import customers_stored

    read = partial(customers_stored.cohorts, source=source, currency=currency, limit=limit)
    return answer(read, f"cohorts of customers of source {source}", _MADE)


@router.get("/customers/<source>/recommendations", summary="Next-best products of a customer")
def read_recommendations(source: Source, customer_id: CustomerId) -> Recommendations:
    """Products that buyers of the customer's products bought more often than chance explains."""
    from demand_insights_engine import customers_stored

    read = partial(customers_stored.recommendations, source=source, customer_id=customer_id)
    return answer(read, f"customer {customer_id} of source {source}", _MADE)


@router.get("/customers/<source>/leaving", summary="Customers about to leave")
def read_leaving(
    source: Source,
    currency: Currency = None,
    min_probability: MinProbability = 0.5,
    limit: LeavingLimit = 20,
) -> Leaving:
    """The customers who will rather leave than stay, first those whose leaving would cost most."""
    from demand_insights_engine import customers_stored

    read = partial(
        customers_stored.leaving,
        source=source,
        currency=currency,
        min_probability=min_probability,
        limit=limit,
    )
    return answer(read, f"customer of source {source}", _MADE)
