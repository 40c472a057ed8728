"""From the weekly demand of a source to the rows of its insights tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from datalake.contracts.insights import DEMAND_FORECASTS, DEMAND_SERIES
from datalake.contracts.insights.demand import DEMAND_LEVELS, quantile_name
from demand_insights_engine.demand.groups import group_of
from demand_insights_engine.demand.history import History
from forecasting.forecast import Forecast, forecast
from forecasting.matrix import Floats, lengths
from forecasting.reconciliation import Hierarchy, reconcile

HORIZON = 13
"""Weeks ahead: a quarter."""
SEASON = 52
ALL = "all"


@dataclass(frozen=True)
class Rows:
    """Rows of DEMAND_FORECASTS and DEMAND_SERIES, without versions."""

    forecasts: pl.DataFrame
    series: pl.DataFrame


def rows(history: History, *, has_boosting: bool = True) -> Rows:
    """Forecast products, their groups and all of them, a currency at a time.

    Means are reconciled, so that they add up. Quantiles are those of each series by itself, and do
    not: the quantile of a sum is not the sum of quantiles.
    """
    forecasts: list[Mapping[str, object]] = []
    series: list[Mapping[str, object]] = []
    for currency in sorted({currency for _, currency in history.products}):
        panel = _Panel.of(history, currency)
        found = forecast(
            panel.units, HORIZON, (SEASON,), DEMAND_LEVELS, has_boosting=has_boosting
        )
        forecasts += panel.forecasts(found, history)
        series += panel.series(found, history)
    return Rows(DEMAND_FORECASTS.frame(forecasts), DEMAND_SERIES.frame(series))


@dataclass(frozen=True)
class _Panel:
    """The series of a currency in the order of the hierarchy: the total, groups, products."""

    currency: str
    products: tuple[str, ...]
    groups: tuple[str, ...]
    hierarchy: Hierarchy
    units: Floats

    @classmethod
    def of(cls, history: History, currency: str) -> _Panel:
        inside = [row for row, (_, one) in enumerate(history.products) if one == currency]
        products = tuple(history.products[row][0] for row in inside)
        names = tuple(sorted({group_of(product) for product in products}))
        numbers = np.array([names.index(group_of(product)) for product in products])
        hierarchy = Hierarchy(numbers, len(names))
        units = history.units[inside]
        sums = hierarchy.add_up(np.nan_to_num(units))
        # A group begins with its first product.
        known = hierarchy.add_up((~np.isnan(units)).astype(float)) > 0
        return cls(currency, products, names, hierarchy, np.where(known, sums, np.nan))

    def _names(self) -> Iterator[tuple[str, str, str | None]]:
        """Level, name and group of each series."""
        yield "total", ALL, None
        for group in self.groups:
            yield "group", group, None
        for product in self.products:
            yield "product", product, group_of(product)

    def forecasts(self, found: Forecast, history: History) -> Iterator[Mapping[str, object]]:
        errors = found.past_errors.reshape(len(self.units), -1)
        means = reconcile(found.mean, self.hierarchy, errors).values
        weeks = history.future(HORIZON)
        for row, (level, name, _) in enumerate(self._names()):
            for step, week in enumerate(weeks):
                quantiles = found.quantiles[row, step].tolist()
                yield {
                    "level": level,
                    "name": name,
                    "currency": self.currency,
                    "week": week,
                    "step": step + 1,
                    "mean": means[row, step],
                    **dict(zip(map(quantile_name, DEMAND_LEVELS), quantiles, strict=True)),
                    "baseline": found.baseline[row, step],
                }

    def series(self, found: Forecast, history: History) -> Iterator[Mapping[str, object]]:
        length = lengths(self.units)
        for row, (level, name, group) in enumerate(self._names()):
            yield {
                "level": level,
                "name": name,
                "currency": self.currency,
                "group": group,
                "first_week": history.weeks[-int(length[row])],
                "last_week": history.weeks[-1],
                "weeks": int(length[row]),
                "last_units": self.units[row, -1],
                "pattern": found.classes[row],
                "members": ", ".join(found.members[row]),
                "is_baseline": bool(found.baseline_wins[row]),
                "error": _known(found.error[row]),
                "baseline_error": _known(found.baseline_error[row]),
                "warning": found.warnings[row] or None,
            }


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
