"""Forecasts of the demand for each product, and how they were made.

Weeks are named by their Mondays. `q05` is the value that demand stays below with a probability of
5 %.
"""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from datalake.contracts import Column
from datalake.contracts.insights.model import VERSION_COLUMNS, InsightsTable
from datalake.contracts.prod import DEMAND_WEEKLY

_SYSTEM = "demand-insights-engine"
_PIECES = "pieces"
_COUNT = pl.Int64()
DEMAND_LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
"""Probabilities of the quantiles."""


def quantile_name(level: float) -> str:
    """The column of a quantile: `q05` for .05."""
    return f"q{round(100 * level):02d}"


def units_column(name: str, description: str, *, nullable: bool = False) -> Column:
    """Demand in pieces."""
    return Column(name, pl.Float64(), description, _PIECES, nullable=nullable, minimum=0.0)


def number_column(name: str, description: str, unit: str | None = None) -> Column:
    """A number that may be unknown."""
    return Column(name, pl.Float64(), description, unit, nullable=True)


_QUANTILES = tuple(
    units_column(quantile_name(level), f"Quantile {level:g} of the week's demand")
    for level in DEMAND_LEVELS
)
SERIES_COLUMNS = (
    Column(
        "level",
        pl.String(),
        "What the demand is summed over",
        allowed=("product", "group", "total"),
    ),
    Column("name", pl.String(), "Product code, name of the group, or `all`"),
    DEMAND_WEEKLY["currency"],
)
"""They name a series of demand."""

_SEASON = Column("season", pl.Float64(), "Factor of the season; 1 without one", minimum=0.0)

DEMAND_FORECASTS = InsightsTable(
    name="demand_forecasts",
    version="1.0",
    system=_SYSTEM,
    partition="",
    description="Demand expected of each product, group and of all in the weeks after the last "
    "full one. Means of products add up to those of their group, and groups to the total.",
    columns=(
        *SERIES_COLUMNS,
        DEMAND_WEEKLY["week"],
        Column("step", _COUNT, "Weeks after the last full one", "weeks", minimum=1),
        units_column("mean", "Expected demand: what sums and orders need"),
        *_QUANTILES,
        units_column(
            "baseline", "The seasonal naive forecast: demand of the same week a season ago"
        ),
        _SEASON,
        *VERSION_COLUMNS,
    ),
    key=("level", "name", "currency", "week"),
)

DEMAND_SERIES = InsightsTable(
    name="demand_series",
    version="1.0",
    system=_SYSTEM,
    partition="",
    description="How each series of demand was forecast: its history, its pattern, the members of "
    "its forecast, and their errors on earlier weeks beside those of the baseline.",
    columns=(
        *SERIES_COLUMNS,
        Column("group", pl.String(), "Group of a product", nullable=True),
        replace(DEMAND_WEEKLY["week"], name="first_week", description="First full week"),
        replace(DEMAND_WEEKLY["week"], name="last_week", description="Last full week"),
        Column("weeks", _COUNT, "Full weeks of history", "weeks", minimum=1),
        units_column("last_units", "Demand in the last full week"),
        Column(
            "pattern",
            pl.String(),
            "Pattern of the demand (Syntetos and Boylan, 2005)",
            allowed=("smooth", "erratic", "intermittent", "lumpy", "none"),
        ),
        units_column("smoothed_level", "Level of demand at the end, without season"),
        number_column("trend", "Change of the level a week, which fades", _PIECES),
        number_column("last_error", "Last demand less what was expected of it", _PIECES),
        Column("members", pl.String(), "Methods whose median the forecast is"),
        Column("is_baseline", pl.Boolean(), "Whether nothing beat the seasonal naive forecast"),
        number_column("error", "Mean absolute scaled error of the forecast on earlier weeks"),
        number_column("baseline_error", "That of the seasonal naive forecast"),
        Column("warning", pl.String(), "What the forecast could not rest on", nullable=True),
        *VERSION_COLUMNS,
    ),
    key=("level", "name", "currency"),
)

DEMAND_BACKTESTS = InsightsTable(
    name="demand_backtests",
    version="1.0",
    system=_SYSTEM,
    partition="",
    description="What the methods of each series' forecast said of earlier weeks, each time from "
    "the weeks before only, and what came.",
    columns=(
        *SERIES_COLUMNS,
        DEMAND_WEEKLY["week"],
        Column("step", _COUNT, "Weeks after the last one known then", "weeks", minimum=1),
        units_column("actual", "Demand in the week; null where it is not known", nullable=True),
        units_column("forecast", "The median forecast then"),
        units_column("baseline", "The seasonal naive forecast then"),
        *VERSION_COLUMNS,
    ),
    key=("level", "name", "currency", "week"),
)

DEMAND_DAYS = InsightsTable(
    name="demand_days",
    version="1.0",
    system=_SYSTEM,
    partition="",
    description="Demand expected of each product, group and of all in each of the next four weeks' "
    "days. Means of products add up to those of their group, and groups to the total.",
    columns=(
        *SERIES_COLUMNS,
        Column("day", pl.Date(), "Day", unit="UTC day"),
        Column("step", _COUNT, "Days after the last one that is known", "days", minimum=1),
        units_column("mean", "Expected demand: what sums and orders need"),
        *(
            replace(column, description=column.description.replace("week's", "day's"))
            for column in _QUANTILES
        ),
        units_column("baseline", "The seasonal naive forecast: demand of the same weekday before"),
        _SEASON,
        Column("members", pl.String(), "Methods whose median the forecast is"),
        *VERSION_COLUMNS,
    ),
    key=("level", "name", "currency", "day"),
)

DEMAND_TABLES = (DEMAND_FORECASTS, DEMAND_BACKTESTS, DEMAND_SERIES)
"""In the order in which they are written: where the last one names versions, all are there."""
