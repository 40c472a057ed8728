"""How demand responds to prices."""

from __future__ import annotations

import polars as pl

from datalake.contracts import Column
from datalake.contracts.insights.demand import SERIES_COLUMNS
from datalake.contracts.insights.model import VERSION_COLUMNS, InsightsTable

_COUNT = pl.Int64()


def _price(name: str, description: str) -> Column:
    unit = "major unit of `currency`"
    return Column(name, pl.Float64(), description, unit, nullable=True, minimum=0.0)


PRICE_RESPONSES = InsightsTable(
    name="price_responses",
    version="1.0",
    system="demand-insights-engine",
    partition="",
    description="Price elasticities of products and groups whose prices varied. A product with few "
    "sales at other prices has the estimate of its group.",
    columns=(
        *SERIES_COLUMNS,
        Column("elasticity", pl.Float64(), "Change of demand in % for 1 % of price"),
        Column("standard_error", pl.Float64(), "Of the elasticity", above=0.0),
        Column("lower", pl.Float64(), "Lower bound of the 95 % interval"),
        Column("upper", pl.Float64(), "Upper bound of the 95 % interval"),
        Column(
            "p_value",
            pl.Float64(),
            "Probability of such an estimate without a response",
            minimum=0.0,
            maximum=1.0,
        ),
        Column(
            "is_significant",
            pl.Boolean(),
            "Whether demand falls as the price rises: p < .05 and the elasticity is negative",
        ),
        Column("products", _COUNT, "Products that it rests on", minimum=0),
        Column("weeks", _COUNT, "Weeks with a price that it rests on", minimum=0),
        _price("price", "Latest price; null of a group"),
        _price("lowest_price", "Lowest price seen; null of a group"),
        _price("highest_price", "Highest price seen; null of a group"),
        *VERSION_COLUMNS,
    ),
    key=("level", "name", "currency"),
)
