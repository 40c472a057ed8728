"""The request and the answer of the route on new products."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat


class NewProduct(BaseModel):
    """A product that nobody could buy yet."""

    model_config = ConfigDict(extra="forbid")

    description: Annotated[str, Field(min_length=1, max_length=500)]
    price: Annotated[FiniteFloat | None, Field(gt=0, le=1e12, description="Planned price")] = None
    group: Annotated[
        str | None, Field(max_length=200, description="Group of product codes, such as `AB`")
    ] = None


class LikeProduct(BaseModel):
    """A product that a new one is like."""

    name: str
    description: str | None
    price: FiniteFloat | None
    weight: Annotated[FiniteFloat, Field(description="Its share of the forecast")]
    units: Annotated[FiniteFloat, Field(description="Demand in its first weeks")]


class FirstWeeks(BaseModel):
    """What to expect of a new product, and a Vega-Lite chart of it."""

    source: str
    currency: str
    model_version: str
    data_version: str
    mean: Annotated[list[FiniteFloat], Field(description="Expected units of each first full week")]
    total_mean: Annotated[FiniteFloat, Field(description="Of all these weeks")]
    total_quantiles: Annotated[
        dict[str, FiniteFloat],
        Field(description="Of their sum by name: q95 is exceeded in 5 % of all cases"),
    ]
    products: Annotated[int, Field(description="Products whose first weeks it rests on")]
    everyone_mean: Annotated[
        FiniteFloat, Field(description="The baseline: the mean of all these products alike")
    ]
    like: Annotated[list[LikeProduct], Field(description="The most alike ones first")]
    chart: dict[str, Any]
