"""Unusual weeks of the past, and what changed since the week before."""

from __future__ import annotations

import polars as pl

from datalake.contracts import Column
from datalake.contracts.insights.demand import SERIES_COLUMNS, number_column, units_column
from datalake.contracts.insights.model import VERSION_COLUMNS, InsightsTable
from datalake.contracts.prod import DEMAND_WEEKLY

_SYSTEM = "demand-insights-engine"

DEMAND_ANOMALIES = InsightsTable(
    name="demand_anomalies",
    version="1.0",
    system=_SYSTEM,
    partition="",
    description="Weeks in which the demand for a product, a group or all was unusual: outside of "
    "what the weeks around them and their season make usual.",
    columns=(
        *SERIES_COLUMNS,
        DEMAND_WEEKLY["week"],
        units_column("units", "Demand in the week"),
        units_column("expected", "Usual demand of such a week"),
        units_column("lower", "Least demand that is usual"),
        units_column("upper", "Greatest demand that is usual"),
        Column(
            "score",
            pl.Float64(),
            "Distance from `expected` in robust standard deviations; negative where demand was low",
        ),
        *VERSION_COLUMNS,
    ),
    key=("level", "name", "currency", "week"),
)

DEMAND_MOVERS = InsightsTable(
    name="demand_movers",
    version="1.0",
    system=_SYSTEM,
    partition="",
    description="The last full week of each product, group and of all beside the four weeks before "
    "it. Changes of units add up: those of products to their group's, groups' to the total's. An "
    "order of several products counts once for each.",
    columns=(
        *SERIES_COLUMNS,
        Column("group", pl.String(), "Group of a product", nullable=True),
        DEMAND_WEEKLY["week"],
        Column("orders", pl.Int64(), "Orders in the week", minimum=0),
        number_column("usual_orders", "Mean orders of the weeks before; null for a new product"),
        number_column("ratio", "orders / usual_orders, half an order added to both sums"),
        number_column("lower", "Lower bound of its 95 % interval"),
        number_column("upper", "Upper bound of its 95 % interval"),
        Column(
            "p_value",
            pl.Float64(),
            "Probability of such a change of orders by chance",
            nullable=True,
            minimum=0.0,
            maximum=1.0,
        ),
        Column(
            "is_significant",
            pl.Boolean(),
            "Whether it changed; of those of a level at most 10 % are expected to be chance",
        ),
        units_column("units", "Demand in the week"),
        units_column("usual_units", "Mean demand of the weeks before, 0 in those without an offer"),
        Column("change", pl.Float64(), "units - usual_units", "pieces"),
        number_column("share", "change / that of the total; null where the total did not change"),
        *VERSION_COLUMNS,
    ),
    key=("level", "name", "currency"),
)

CHANGES_TABLES = (DEMAND_ANOMALIES, DEMAND_MOVERS)
"""In the order in which they are written."""
