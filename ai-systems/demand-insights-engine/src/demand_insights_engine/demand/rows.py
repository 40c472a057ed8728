"""From the weekly demand of a source to the rows of its insights tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

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
from demand_insights_engine.demand.groups import group_of
from demand_insights_engine.demand.history import History
from forecasting.forecast import Forecast, forecast
from forecasting.matrix import Floats, Integers, lengths
from forecasting.reconciliation import Hierarchy, reconcile

HORIZON = 13
"""Weeks ahead: a quarter."""
SEASON = 52
ALL = "all"


def rows(history: History, *, has_boosting: bool = True) -> dict[InsightsTable, pl.DataFrame]:
    """The rows of DEMAND_TABLES without versions.

    Forecast products, their groups and all of them, a currency at a time. Means are reconciled, so
    that they add up. Quantiles are those of each series by itself, and do not: the quantile of a
    sum is not the sum of quantiles.
    """
    parts: dict[InsightsTable, list[pl.DataFrame]] = {table: [] for table in DEMAND_TABLES}
    for currency in sorted({currency for _, currency in history.products}):
        panel = _Panel.of(history, currency)
        found = forecast(panel.units, HORIZON, (SEASON,), DEMAND_LEVELS, has_boosting=has_boosting)
        parts[DEMAND_FORECASTS].append(panel.forecasts(found, history))
        parts[DEMAND_BACKTESTS].append(panel.backtests(found, history))
        parts[DEMAND_SERIES].append(panel.series(found, history))
    return {
        table: pl.concat([table.frame([]), *(_typed(table, one) for one in frames)])
        for table, frames in parts.items()
    }


def _typed(table: InsightsTable, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(pl.col(name).cast(dtype) for name, dtype in table.frame([]).schema.items())


@dataclass(frozen=True)
class _Panel:
    """The series of a currency in the order of the hierarchy: the total, groups, products."""

    currency: str
    names: pl.DataFrame
    """Level, name, currency and, of a product, its group."""
    hierarchy: Hierarchy
    units: Floats

    @classmethod
    def of(cls, history: History, currency: str) -> _Panel:
        inside = [row for row, (_, one) in enumerate(history.products) if one == currency]
        products = [history.products[row][0] for row in inside]
        group = [group_of(product) for product in products]
        groups = sorted(set(group))
        hierarchy = Hierarchy(np.array([groups.index(one) for one in group]), len(groups))
        units = history.units[inside]
        sums = hierarchy.add_up(np.nan_to_num(units))
        # A group begins with its first product.
        known = hierarchy.add_up((~np.isnan(units)).astype(float)) > 0
        names = pl.DataFrame(
            {
                "level": ["total", *["group"] * len(groups), *["product"] * len(products)],
                "name": [ALL, *groups, *products],
                "currency": currency,
                "group": [None, *[None] * len(groups), *group],
            },
            schema_overrides={"group": pl.String},
        )
        return cls(currency, names, hierarchy, np.where(known, sums, np.nan))

    def forecasts(self, found: Forecast, history: History) -> pl.DataFrame:
        errors = found.past.errors.reshape(len(self.units), -1)
        columns = {
            "mean": reconcile(found.mean, self.hierarchy, errors).values,
            **{
                quantile_name(level): found.quantiles[:, :, index]
                for index, level in enumerate(DEMAND_LEVELS)
            },
            "baseline": found.baseline,
        }
        return self._by_week(columns, history.future(HORIZON), np.arange(HORIZON) + 1)

    def backtests(self, found: Forecast, history: History) -> pl.DataFrame:
        past = found.past
        origins = past.actual.shape[1]
        columns = {"actual": past.actual, "forecast": past.median, "baseline": past.baseline}
        flat = {name: one.reshape(len(self.units), -1) for name, one in columns.items()}
        weeks = history.weeks[len(history.weeks) - origins * HORIZON :]
        rows = self._by_week(flat, weeks, np.tile(np.arange(HORIZON) + 1, origins))
        return rows.with_columns(pl.col("actual").fill_nan(None)).filter(
            pl.col("forecast").is_not_nan()
        )

    def series(self, found: Forecast, history: History) -> pl.DataFrame:
        length = lengths(self.units)
        return self.names.with_columns(
            pl.Series("first_week", [history.weeks[-int(size)] for size in length]),
            pl.lit(history.weeks[-1]).alias("last_week"),
            pl.Series("weeks", length),
            pl.Series("last_units", self.units[:, -1]),
            pl.Series("pattern", found.classes),
            pl.Series("members", [", ".join(one) for one in found.members]),
            pl.Series("is_baseline", found.baseline_wins),
            pl.Series("error", found.error, nan_to_null=True),
            pl.Series("baseline_error", found.baseline_error, nan_to_null=True),
            pl.Series("warning", [one or None for one in found.warnings], dtype=pl.String),
        )

    def _by_week(
        self, columns: Mapping[str, Floats], weeks: Sequence[date], steps: Integers
    ) -> pl.DataFrame:
        """Columns (series, weeks) as rows in the order of series, then weeks."""
        names = self.names.select("level", "name", "currency")
        places = np.repeat(np.arange(len(self.units)), len(weeks))
        return names[places].with_columns(
            pl.Series("week", list(weeks) * len(self.units), dtype=pl.Date),
            pl.Series("step", np.tile(steps, len(self.units))),
            *(pl.Series(name, one.ravel()) for name, one in columns.items()),
        )
