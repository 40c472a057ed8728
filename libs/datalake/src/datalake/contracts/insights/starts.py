"""How products began, which tells of new ones like them."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from datalake.contracts import Column
from datalake.contracts.insights.demand import SERIES_COLUMNS, units_column
from datalake.contracts.insights.model import VERSION_COLUMNS, InsightsTable

START_WEEKS = 8
"""Weeks that count as the first ones of a product."""
_, _NAME, _CURRENCY = SERIES_COLUMNS

PRODUCT_STARTS = InsightsTable(
    name="product_starts",
    version="1.0",
    system="demand-insights-engine",
    partition="",
    description="The first full weeks of products that began after the source's first week.",
    columns=(
        replace(_NAME, description="Product code"),
        _CURRENCY,
        Column("group", pl.String(), "Group of the product"),
        Column("description", pl.String(), "Latest product name", nullable=True),
        Column(
            "price",
            pl.Float64(),
            "Mean price of its first weeks",
            unit="major unit of `currency`",
            nullable=True,
            minimum=0.0,
        ),
        *(
            units_column(f"week_{week}", f"Demand in full week {week}")
            for week in range(1, START_WEEKS + 1)
        ),
        *VERSION_COLUMNS,
    ),
    key=("name", "currency"),
)
