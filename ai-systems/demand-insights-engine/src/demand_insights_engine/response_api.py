"""The route on demand at other prices."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from demand_insights_engine import stored
from demand_insights_engine.parameters import Currency, Level, Name, Source
from demand_insights_engine.response_schemas import WhatIf
from lambda_app.http import HttpRouter

router = HttpRouter()

PriceRatio = Annotated[
    float, Query(ge=0.5, le=2, description="The other price over the price as it is")
]


@router.get("/demand/<source>/what-if", summary="The forecast if the price were another")
def read_what_if(
    source: Source,
    name: Name,
    price_ratio: PriceRatio,
    level: Level = "product",
    currency: Currency = None,
) -> WhatIf:
    """Multiply the forecast by what the price changes, where demand responds significantly."""
    from demand_insights_engine import response_stored

    read = partial(
        response_stored.what_if,
        source=source,
        level=level,
        name=name,
        currency=currency,
        price_ratio=price_ratio,
    )
    return stored.answer(read, f"forecast of {level} {name} of source {source}")
