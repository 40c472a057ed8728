"""Demand at another price as a Vega-Lite chart."""

from __future__ import annotations

from collections.abc import Sequence

from demand_insights_engine.demand_schemas import Step
from demand_insights_engine.response_schemas import ChangedWeek
from modelkit import charts
from modelkit.charts import Chart, Field


def what_if(name: str, steps: Sequence[Step], changed: Sequence[ChangedWeek]) -> Chart:
    """Expected demand as it is, and at the other price in the band of the response's interval."""
    rows: list[charts.Row] = [
        {
            "week": step.week,
            "price": "as it is",
            "units": step.mean,
            "lower": step.mean,
            "upper": step.mean,
        }
        for step in steps
    ]
    rows += [
        {
            "week": week.week,
            "price": "the other",
            "units": week.mean,
            "lower": week.lower,
            "upper": week.upper,
        }
        for week in changed
    ]
    return charts.line(
        f"Demand expected of {name} by price",
        rows,
        Field("week", "Week from Monday", "temporal"),
        Field("units", "Units"),
        interval=("lower", "upper"),
        series=Field("price", "Price", "nominal"),
    )
