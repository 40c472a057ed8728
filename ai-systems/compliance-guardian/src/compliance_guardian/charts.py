"""Answers as Vega-Lite charts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from compliance_guardian.fraud.costs import Bin, Point
from modelkit import charts
from modelkit.charts import Chart, Field

if TYPE_CHECKING:
    from compliance_guardian.posture import Month


def costs(points: Sequence[Point]) -> Chart:
    """The expected cost of each threshold, with its interval."""
    return charts.line(
        "Expected cost by threshold",
        [vars(point) for point in points],
        Field("threshold", "Probability from which to investigate"),
        Field("cost", "Cost of 1,000 payments"),
        interval=("lower", "upper"),
    )


def calibration(bins: Sequence[Bin]) -> Chart:
    """The share of fraud beside the predicted probability, which it should be."""
    rows: list[charts.Row] = []
    for one in bins:
        if one.payments:
            observed = one.frauds / one.payments
            for line, share in (("observed", observed), ("predicted", one.probability)):
                rows.append({"predicted": one.probability, "share": share, "line": line})
    return charts.line(
        "Share of fraud by predicted probability",
        rows,
        Field("predicted", "Predicted probability"),
        Field("share", "Share of fraud"),
        series=Field("line", "", "nominal"),
    )


def card_data(months: Sequence[Month]) -> Chart:
    """Card data that was delivered each month, and how much of it raw shows."""
    rows: list[charts.Row] = []
    for month in months:
        for line, count in (("found", month.card_data), ("open in raw", month.readable)):
            rows.append({"month": f"{month.month}-01", "values": count, "line": line})
    return charts.line(
        "Card data by month of delivery",
        rows,
        Field("month", "Delivered in", "temporal"),
        Field("values", "Card numbers, stripes and codes"),
        series=Field("line", "", "nominal"),
    )
