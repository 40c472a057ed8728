"""The first weeks of a new product as a Vega-Lite chart."""

from __future__ import annotations

from collections.abc import Sequence

from modelkit import charts
from modelkit.charts import Chart, Field


def first_weeks(mean: Sequence[float]) -> Chart:
    """Expected units of each week."""
    rows: list[charts.Row] = [
        {"week": week, "units": units} for week, units in enumerate(mean, start=1)
    ]
    return charts.line(
        "Demand expected of a new product",
        rows,
        Field("week", "Full week"),
        Field("units", "Units"),
    )
