"""From the daily demand of a source to the rows of its daily forecasts."""

from __future__ import annotations

import polars as pl

from datalake.contracts.insights import DEMAND_DAYS
from datalake.contracts.insights.demand import DEMAND_LEVELS
from demand_insights_engine import artefact
from demand_insights_engine.demand.history import DAY, FULL_WEEK, History
from demand_insights_engine.demand.panel import Panel, panels, together
from demand_insights_engine.demand.rows import forecast_rows
from forecasting.forecast import Forecast, forecast

HORIZON = 28
"""Days ahead: four of each weekday."""


def rows(history: History) -> pl.DataFrame:
    """The rows of DEMAND_DAYS without versions, of a history of days.

    Boosting is left to weeks: it would learn for minutes. Days and weeks are forecast each by
    themselves, so days do not add up to weeks.
    """
    return together(DEMAND_DAYS, [_of(panel) for panel in panels(history)])


def _of(panel: Panel) -> pl.DataFrame:
    found = forecast(
        panel.units,
        HORIZON,
        (FULL_WEEK,),
        DEMAND_LEVELS,
        has_boosting=False,
        prior=artefact.load().prior,
    )
    return forecast_rows(panel, found, DAY).rename({"week": "day"}).with_columns(_members(found))


def _members(found: Forecast) -> pl.Series:
    return pl.Series("members", [", ".join(one) for one in found.members for _ in range(HORIZON)])
