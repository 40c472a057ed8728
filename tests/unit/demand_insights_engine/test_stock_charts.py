"""Charts of stock advice."""

from demand_insights_engine import stock_charts


def test_demand_lies_beside_both_levels():
    rows = stock_charts.protection({"q95": 7.5}, 8, 6)["data"]["values"]

    assert [(row["probability"], row["units"]) for row in rows] == [(95, 7.5), (95, 8), (95, 6)]
