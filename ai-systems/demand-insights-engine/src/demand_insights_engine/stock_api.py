"""The routes on stock: when to order, and how much."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Annotated, TypeVar

from aws_lambda_powertools.event_handler.openapi.params import Query

from demand_insights_engine import stored
from demand_insights_engine.parameters import Currency, Name, Source
from demand_insights_engine.stock.policy import MOST_WEEKS
from demand_insights_engine.stock_schemas import (
    MOST_ORDERED,
    Advice,
    OrderTerms,
    SeriesAdvice,
    StoredAdvice,
)
from lambda_app.http import HttpRouter, ProblemError

router = HttpRouter()
Answer = TypeVar("Answer")

_TERMS = OrderTerms()
LeadWeeks = Annotated[float, Query(ge=0, le=MOST_WEEKS - 1, description="Mean lead time in weeks")]
LeadDeviation = Annotated[
    float, Query(ge=0, le=MOST_WEEKS, description="Its standard deviation in weeks")
]
ServiceLevel = Annotated[
    float, Query(ge=0.5, le=0.99, description="Share of review intervals without shortage")
]
Multiple = Annotated[
    int, Query(ge=1, le=MOST_ORDERED, description="Orders are whole multiples of it")
]
Minimum = Annotated[int, Query(ge=1, le=MOST_ORDERED, description="Least order")]
Review = Annotated[
    int, Query(ge=1, le=MOST_WEEKS, description="Weeks from one decision to the next")
]
Position = Annotated[
    int | None,
    Query(
        ge=-MOST_ORDERED,
        le=MOST_ORDERED,
        description="Units in stock and on order, less those that are owed",
    ),
]


@router.post("/demand/stock-advice", summary="When to order, from demand in the request")
def advise_on_series(request: SeriesAdvice) -> Advice:
    """Advise on the stock of a product whose weekly demand is given."""
    from demand_insights_engine import stock_advice

    return _reached(partial(stock_advice.of_series, request))


@router.get("/demand/<source>/stock-advice", summary="When to order a product, and how much")
def read_stock_advice(
    source: Source,
    name: Name,
    currency: Currency = None,
    lead_weeks: LeadWeeks = _TERMS.lead_weeks,
    lead_deviation: LeadDeviation = _TERMS.lead_deviation,
    service_level: ServiceLevel = _TERMS.service_level,
    multiple: Multiple = _TERMS.multiple,
    minimum: Minimum = _TERMS.minimum,
    review: Review = _TERMS.review,
    position: Position = None,
) -> StoredAdvice:
    """Advise from the demand that the batch knows, on any terms."""
    from demand_insights_engine import stock_stored

    terms = OrderTerms(
        lead_weeks=lead_weeks,
        lead_deviation=lead_deviation,
        service_level=service_level,
        multiple=multiple,
        minimum=minimum,
        review=review,
        position=position,
    )
    read = partial(
        stock_stored.of_product, source=source, name=name, currency=currency, terms=terms
    )
    return _reached(partial(stored.answer, read, f"demand for product {name} of source {source}"))


def _reached(advise: Callable[[], Answer]) -> Answer:
    from demand_insights_engine.stock_advice import TooLongError

    try:
        return advise()
    except TooLongError as error:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"{error}. Give a shorter or less uncertain lead time, or a shorter review.",
        ) from error
