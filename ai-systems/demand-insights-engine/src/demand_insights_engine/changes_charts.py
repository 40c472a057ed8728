"""Unusual weeks and changes as Vega-Lite charts."""

from __future__ import annotations

from collections.abc import Sequence

from demand_insights_engine.changes_schemas import Anomaly, Part
from modelkit import charts
from modelkit.charts import Chart, Field


def anomalies(found: Sequence[Anomaly]) -> Chart:
    """The score of each unusual week."""
    rows: list[charts.Row] = [
        {"week": f"{one.name}, {one.week} ({one.currency})", "score": one.score} for one in found
    ]
    return charts.bar(
        "Unusual weeks",
        rows,
        Field("week", "Week from Monday", "nominal"),
        Field("score", "Robust standard deviations from the usual"),
    )


def parts(products: Sequence[Part]) -> Chart:
    """What products add to the change of the total."""
    rows: list[charts.Row] = [
        {"product": one.name or "all others", "change": one.change} for one in products
    ]
    return charts.bar(
        "What changed in the last full week",
        rows,
        Field("product", "Product", "nominal"),
        Field("change", "Units more than in the weeks before"),
    )
