"""The charts of demand-insights-engine."""

import json
from datetime import date

from demand_insights_engine import charts
from demand_insights_engine.schemas import AssessedWeek, UnusualWeek

WEEK = {
    "week": date(2011, 3, 7), "units": 210, "expected": 41, "lower": 20, "upper": 80, "score": 8.2,
}  # fmt: skip


def test_an_assessment_shows_units_in_the_band_of_usual_ones():
    chart = charts.assessment([AssessedWeek(**WEEK, is_unusual=True)])

    [row] = chart["data"]["values"]
    assert {"week", "units", "lower", "upper"} <= row.keys()
    assert json.dumps(chart)


def test_a_ranking_keeps_the_order_and_tells_weeks_of_one_product_apart():
    first = UnusualWeek(**WEEK, product_id="22423", currency="GBP")
    second = first.model_copy(update={"week": date(2011, 3, 14)})

    chart = charts.ranking("shop", [first, second])

    assert [row["name"] for row in chart["data"]["values"]] == [
        "22423, 2011-03-07",
        "22423, 2011-03-14",
    ]
    assert chart["title"] == "Unusual weeks of shop"
