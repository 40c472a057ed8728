"""Answers of the route on other prices."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, Field, FiniteFloat

from demand_insights_engine.demand_schemas import Step


class PriceResponse(BaseModel):
    """How demand responds to the price, with a 95 % interval."""

    elasticity: Annotated[FiniteFloat, Field(description="Change of demand in % for 1 % of price")]
    lower: FiniteFloat
    upper: FiniteFloat
    p_value: Annotated[FiniteFloat, Field(description="Of such an estimate without a response")]
    is_significant: Annotated[
        bool, Field(description="Whether demand falls as the price rises, beyond chance")
    ]
    products: Annotated[int, Field(description="Products that it rests on")]
    weeks: Annotated[int, Field(description="Weeks with a price that it rests on")]
    price: Annotated[FiniteFloat | None, Field(description="Latest price of a product")]
    lowest_price: Annotated[FiniteFloat | None, Field(description="Lowest price seen")]
    highest_price: Annotated[FiniteFloat | None, Field(description="Highest price seen")]


class Factor(BaseModel):
    """By what demand is multiplied, with a 95 % interval."""

    estimate: FiniteFloat
    lower: FiniteFloat
    upper: FiniteFloat


class ChangedWeek(BaseModel):
    """The demand of a week at the other price."""

    week: Annotated[date, Field(description="Monday of the week")]
    mean: Annotated[FiniteFloat, Field(description="Expected demand")]
    lower: Annotated[
        FiniteFloat, Field(description="That at the lower bound of the factor; not of the week")
    ]
    upper: Annotated[FiniteFloat, Field(description="That at its upper bound")]


class WhatIf(BaseModel):
    """The forecast as it is and at another price, and a Vega-Lite chart of both.

    Prices are compared, not promotions: the data does not tell of any.
    """

    source: str
    level: str
    name: str
    currency: str
    model_version: str
    data_version: str
    price_ratio: float
    response: Annotated[PriceResponse | None, Field(description="null: prices did not vary")]
    factor: Annotated[Factor | None, Field(description="null: no significant response is known")]
    notes: Annotated[list[str], Field(description="What the answer rests on, and what not")]
    steps: Annotated[list[Step], Field(description="The forecast at the price as it is")]
    changed: Annotated[
        list[ChangedWeek], Field(description="At the other price; empty without a factor")
    ]
    chart: dict[str, Any]
