"""The charts of customers."""

from datetime import date

from demand_insights_engine import customers_charts as charts
from demand_insights_engine.customers_schemas import (
    Activity,
    Cohort,
    Figure,
    LeavingCustomer,
    Recommendation,
    Retention,
    Segment,
)

DAY = date(2024, 1, 1)
FIGURE = Figure(value=0.5, lower=None, upper=None, level=0.9, as_of=DAY, purchase_days=1)


def values(chart):
    return chart["data"]["values"]


def test_activity_is_a_line_through_time():
    assert values(charts.activity("ann", [Activity(day=DAY, p_active=0.25)])) == [
        {"day": "2024-01-01", "p_active": 0.25}
    ]


def test_segments_keep_their_order():
    found = [
        Segment(
            segment=name, customers=3, share=0.5, net_amount=1,
            median_recency_days=1, median_purchase_days=1,
        )
        for name in ("lost", "champion")
    ]  # fmt: skip

    assert [row["segment"] for row in values(charts.segments(found))] == ["lost", "champion"]


def test_the_month_of_the_first_purchase_is_not_in_the_heat_map():
    months = [
        Retention(months_since=number, active=1, retention=0.5, lower=0, upper=1)
        for number in range(3)
    ]
    cohort = Cohort(cohort="2024-01", customers=2, is_first=True, months=months)

    chart = charts.cohorts([cohort])

    assert [row["months_since"] for row in values(chart)] == [1, 2]
    assert chart["mark"]["type"] == "rect"


def test_products_have_their_scores():
    found = Recommendation(
        rank=1, product_id="pot", score=0.5, because_of="tea", lift=2, together=3, p_value=0
    )

    assert values(charts.recommendations("ann", [found])) == [{"product": "pot", "score": 0.5}]


def test_bars_of_customers_stay_readable():
    one = LeavingCustomer(
        customer_id="ann", segment="lost", last_day=DAY, purchase_days=1,
        p_leaves=FIGURE, spend=FIGURE, spend_at_risk=None,
    )  # fmt: skip

    rows = values(charts.leaving([one] * 80))

    assert len(rows) == 50
    assert rows[0] == {"customer": "ann", "spend_at_risk": None}
