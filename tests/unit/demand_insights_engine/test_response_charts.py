"""The chart of demand at another price."""

from datetime import date

from demand_insights_engine import response_charts
from demand_insights_engine.demand_schemas import Step
from demand_insights_engine.response_schemas import ChangedWeek

WEEK = date(2024, 1, 1)
STEP = Step(step=1, week=WEEK, mean=5, median=4, quantiles={}, baseline=3)


def test_both_prices_are_shown():
    changed = ChangedWeek(week=WEEK, mean=6, lower=5.5, upper=6.5)

    rows = response_charts.what_if("A-1", [STEP], [changed])["data"]["values"]

    assert [(row["price"], row["units"], row["lower"]) for row in rows] == [
        ("as it is", 5, 5),
        ("the other", 6, 5.5),
    ]
