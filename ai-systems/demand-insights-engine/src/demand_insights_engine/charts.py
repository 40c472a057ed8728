"""Answers as Vega-Lite charts."""

from __future__ import annotations

from collections.abc import Sequence

from demand_insights_engine.schemas import AssessedWeek, UnusualWeek
from modelkit import charts
from modelkit.charts import Chart, Field

_WEEK = Field("week", "Week from Monday", "temporal")


def assessment(weeks: Sequence[AssessedWeek]) -> Chart:
    """Units over time, in the band of usual ones."""
    return charts.line(
        "Demand, and what is usual",
        [week.model_dump() for week in weeks],
        _WEEK,
        Field("units", "Units"),
        interval=("lower", "upper"),
    )


def ranking(source: str, weeks: Sequence[UnusualWeek]) -> Chart:
    """The score of each unusual week, the greatest deviation first."""
    rows = [
        {**week.model_dump(), "name": f"{week.product_id}, {week.week.isoformat()}"}
        for week in weeks
    ]
    return charts.bar(
        f"Unusual weeks of {source}",
        rows,
        Field("name", "Product and week", "nominal"),
        Field("score", "Robust standard deviations", number_format=".1f"),
    )
