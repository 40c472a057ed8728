"""Answers on customers as Vega-Lite charts."""

from __future__ import annotations

from collections.abc import Sequence

from demand_insights_engine.customers_schemas import (
    Activity,
    Cohort,
    LeavingCustomer,
    Recommendation,
    Segment,
)
from modelkit import charts
from modelkit.charts import Chart, Field

_PERCENT = ".0%"
_MOST_BARS = 50


def activity(customer_id: str, found: Sequence[Activity]) -> Chart:
    """The probability to be active through time."""
    return charts.line(
        f"Is {customer_id} still active?",
        [{"day": one.day, "p_active": one.p_active} for one in found],
        Field("day", "Day", "temporal"),
        Field("p_active", "Probability to be active", number_format=_PERCENT),
    )


def segments(found: Sequence[Segment]) -> Chart:
    """How many customers each segment has."""
    return charts.bar(
        "Customers by segment",
        [{"segment": one.segment, "customers": one.customers} for one in found],
        Field("segment", "Segment", "nominal"),
        Field("customers", "Customers"),
    )


def cohorts(found: Sequence[Cohort]) -> Chart:
    """Retention by month of the first purchase and months since, as a heat map."""
    rows: list[charts.Row] = [
        {"cohort": one.cohort, "months_since": month.months_since, "retention": month.retention}
        for one in found
        for month in one.months
        if month.months_since
    ]
    return charts.heat_map(
        "Customers who buy again, by month of their first purchase",
        rows,
        Field("months_since", "Months since then", "ordinal"),
        Field("cohort", "Month of the first purchase", "ordinal"),
        Field("retention", "Share that buys", number_format=_PERCENT),
    )


def recommendations(customer_id: str, found: Sequence[Recommendation]) -> Chart:
    """What speaks for each product."""
    return charts.bar(
        f"Next-best products of {customer_id}",
        [{"product": one.product_id, "score": one.score} for one in found],
        Field("product", "Product", "nominal"),
        Field("score", "Sum of cosines with products bought"),
    )


def leaving(found: Sequence[LeavingCustomer]) -> Chart:
    """The spend at risk of the first customers."""
    return charts.bar(
        "Customers whose leaving would cost most",
        [
            {"customer": one.customer_id, "spend_at_risk": one.spend_at_risk}
            for one in found[:_MOST_BARS]
        ],
        Field("customer", "Customer", "nominal"),
        Field("spend_at_risk", "Expected spend times probability to leave"),
    )
