"""From the weekly demand of a source to the rows of unusual weeks and of movers."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import polars as pl

from datalake.contracts.insights import DEMAND_ANOMALIES, DEMAND_MOVERS, InsightsTable
from demand_insights_engine.changes.anomalies import Anomalies, anomalies
from demand_insights_engine.changes.movers import REFERENCE, Moves, moves
from demand_insights_engine.demand.history import History
from demand_insights_engine.demand.panel import Panel, panels, together
from forecasting.matrix import Floats

SEASON = 52


def rows(history: History) -> dict[InsightsTable, pl.DataFrame]:
    """The rows of CHANGES_TABLES without versions. There are no movers before the second week."""
    found = list(panels(history))
    return {
        DEMAND_ANOMALIES: together(DEMAND_ANOMALIES, [_anomalies(one) for one in found]),
        DEMAND_MOVERS: together(
            DEMAND_MOVERS, [_movers(one) for one in found if len(one.weeks) > 1]
        ),
    }


def _anomalies(panel: Panel) -> pl.DataFrame:
    """The season of a level is the one that its series have in common."""
    parts = [anomalies(panel.units[level], SEASON) for level in panel.levels]
    found = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(Anomalies)
    }
    rows = panel.by_week({"units": panel.units, **found}, panel.weeks)
    return rows.filter("is_unusual")


def _movers(panel: Panel) -> pl.DataFrame:
    parts = [moves(panel.orders[level]) for level in panel.levels]
    found = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(Moves)
    }
    units, usual = _units(panel)
    change = panel.hierarchy.add_up((units - usual)[panel.levels[-1]])
    share = np.divide(change, change[0], out=np.full(len(change), np.nan), where=change[0] != 0)
    columns = {
        "orders": np.rint(found["latest"]),
        "usual_orders": found["usual"],
        **{name: found[name] for name in ("ratio", "lower", "upper", "p_value", "is_significant")},
        "units": units,
        "usual_units": usual,
        "change": change,
        "share": share,
    }
    return panel.names.with_columns(
        pl.lit(panel.weeks[-1]).alias("week"),
        *(pl.Series(name, values) for name, values in columns.items()),
    )


def _units(panel: Panel) -> tuple[Floats, Floats]:
    """Those of the last week, and the mean of the weeks before it, 0 before a product began."""
    units = np.nan_to_num(panel.units[:, -1 - REFERENCE :])
    return units[:, -1], np.asarray(units[:, :-1].mean(axis=1), dtype=np.float64)
