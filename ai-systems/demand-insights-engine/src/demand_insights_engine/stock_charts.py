"""Stock advice as Vega-Lite charts."""

from __future__ import annotations

from collections.abc import Mapping

from modelkit import charts
from modelkit.charts import Chart, Field


def protection(quantiles: Mapping[str, float], order_up_to: int, textbook: int) -> Chart:
    """Quantiles of the demand that an order protects against, beside both levels."""
    rows: list[charts.Row] = [
        {"probability": int(name[1:]), "units": units, "series": series}
        for name, quantile in quantiles.items()
        for series, units in (
            ("demand", quantile),
            ("order-up-to level", order_up_to),
            ("order-up-to level of the normal rule", textbook),
        )
    ]
    return charts.line(
        "Demand over lead time and review",
        rows,
        Field("probability", "Cases in which demand is no more (%)"),
        Field("units", "Units"),
        series=Field("series", "Series", "nominal"),
    )
