"""From the weekly demand of a source to the rows of its forecasts."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl

from datalake.contracts.insights import (
    DEMAND_BACKTESTS,
    DEMAND_FORECASTS,
    DEMAND_SERIES,
    DEMAND_TABLES,
    InsightsTable,
)
from datalake.contracts.insights.demand import DEMAND_LEVELS, quantile_name
from demand_insights_engine import artefact
from demand_insights_engine.demand.history import WEEK, History
from demand_insights_engine.demand.panel import Panel, panels, together
from forecasting.forecast import Forecast, forecast
from forecasting.matrix import lengths
from forecasting.reconciliation import reconcile

HORIZON = 13
"""Weeks ahead: a quarter."""
SEASON = 52
_STEPS = np.arange(1.0, HORIZON + 1)


def rows(history: History, *, has_boosting: bool = True) -> dict[InsightsTable, pl.DataFrame]:
    """The rows of DEMAND_TABLES without versions.

    Forecast products, their groups and all of them, a currency at a time. Means are reconciled, so
    that they add up. Quantiles are those of each series by itself, and do not: the quantile of a
    sum is not the sum of quantiles.
    """
    parts: dict[InsightsTable, list[pl.DataFrame]] = {table: [] for table in DEMAND_TABLES}
    for panel in panels(history):
        found = forecast(
            panel.units,
            HORIZON,
            (SEASON,),
            DEMAND_LEVELS,
            has_boosting=has_boosting,
            prior=artefact.load().prior,
        )
        parts[DEMAND_FORECASTS].append(forecast_rows(panel, found, WEEK))
        parts[DEMAND_BACKTESTS].append(_backtests(panel, found))
        parts[DEMAND_SERIES].append(_series(panel, found))
    return {table: together(table, frames) for table, frames in parts.items()}


def forecast_rows(panel: Panel, found: Forecast, length: timedelta) -> pl.DataFrame:
    """The forecast of each series for the periods that follow, each of a length."""
    steps = found.mean.shape[1]
    errors = found.past.errors.reshape(len(panel.units), -1)
    columns = {
        "step": np.tile(np.arange(1.0, steps + 1), (len(panel.units), 1)),
        "mean": reconcile(found.mean, panel.hierarchy, errors).values,
        **{
            quantile_name(level): found.quantiles[:, :, index]
            for index, level in enumerate(DEMAND_LEVELS)
        },
        "baseline": found.baseline,
        "season": found.components.season,
    }
    return panel.by_week(columns, [panel.weeks[-1] + (step + 1) * length for step in range(steps)])


def _backtests(panel: Panel, found: Forecast) -> pl.DataFrame:
    past = found.past
    series, origins, _ = past.actual.shape
    columns = {
        "step": np.tile(_STEPS, (series, origins)),
        "actual": past.actual.reshape(series, -1),
        "forecast": past.median.reshape(series, -1),
        "baseline": past.baseline.reshape(series, -1),
    }
    weeks = panel.weeks[len(panel.weeks) - origins * HORIZON :]
    return panel.by_week(columns, weeks).filter(pl.col("forecast").is_not_nan())


def _series(panel: Panel, found: Forecast) -> pl.DataFrame:
    length = lengths(panel.units)
    return panel.names.with_columns(
        pl.Series("first_week", [panel.weeks[-int(size)] for size in length]),
        pl.lit(panel.weeks[-1]).alias("last_week"),
        pl.Series("weeks", length),
        pl.Series("last_units", panel.units[:, -1]),
        pl.Series("pattern", found.classes),
        pl.Series("smoothed_level", np.maximum(found.components.level, 0)),
        pl.Series("trend", found.components.trend),
        pl.Series("last_error", found.components.last_error),
        pl.Series("members", [", ".join(one) for one in found.members]),
        pl.Series("is_baseline", found.baseline_wins),
        pl.Series("error", found.error),
        pl.Series("baseline_error", found.baseline_error),
        pl.Series("warning", [one or None for one in found.warnings], dtype=pl.String),
    )
