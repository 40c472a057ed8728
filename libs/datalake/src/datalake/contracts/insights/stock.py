"""What to order of each product, and the demand that orders protect against."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from datalake.contracts import Column
from datalake.contracts.insights.demand import SERIES_COLUMNS, quantile_name, units_column
from datalake.contracts.insights.model import VERSION_COLUMNS, InsightsTable

_SYSTEM = "demand-insights-engine"
_COUNT = pl.Int64()
STOCK_LEVELS = (0.05, 0.25, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99)
"""Probabilities of the quantiles."""
_PRODUCT = tuple(
    replace(column, description="Product code") if column.name == "name" else column
    for column in SERIES_COLUMNS
    if column.name != "level"
)

STOCK_DEMAND = InsightsTable(
    name="stock_demand",
    version="1.0",
    system=_SYSTEM,
    partition="",
    description="Quantiles of the demand for a product over some weeks in a row, corrected by how "
    "often past ones were exceeded.",
    columns=(
        *_PRODUCT,
        Column("weeks", _COUNT, "Weeks in a row", "weeks", minimum=1),
        *(
            units_column(quantile_name(level), f"Quantile {level:g} of the demand over the weeks")
            for level in STOCK_LEVELS
        ),
        Column("origins", _COUNT, "Past weeks from which quantiles were tried", minimum=0),
        *VERSION_COLUMNS,
    ),
    key=("name", "currency", "weeks"),
)

STOCK_ADVICE = InsightsTable(
    name="stock_advice",
    version="1.0",
    system=_SYSTEM,
    partition="",
    description="When to order each product and up to which level, with orders of any size, a "
    "review each week, and a fixed lead time. The position counts units in stock and on order, "
    "less those that are owed.",
    columns=(
        *_PRODUCT,
        Column("lead_weeks", _COUNT, "From an order to its arrival", "weeks", minimum=0),
        Column("service_level", pl.Float64(), "Share of weeks without shortage that is wanted"),
        Column(
            "reorder_point",
            _COUNT,
            "Position at or below which to order; -1 where an order waits for a customer",
            "pieces",
            minimum=-1,
        ),
        Column("order_up_to", _COUNT, "Position after an order", "pieces", minimum=0),
        Column("service", pl.Float64(), "Share of weeks without shortage that is expected"),
        Column(
            "textbook_reorder_point",
            _COUNT,
            "That of the rule that takes demand to be normally distributed",
            "pieces",
            minimum=-1,
        ),
        units_column("demand", "Mean demand over lead time and review"),
        units_column("mean", "Mean demand a week"),
        units_column("deviation", "Standard deviation of the demand a week"),
        *VERSION_COLUMNS,
    ),
    key=("name", "currency"),
)

STOCK_TABLES = (STOCK_DEMAND, STOCK_ADVICE)
"""In the order in which they are written."""
