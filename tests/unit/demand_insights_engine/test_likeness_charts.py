"""The chart of a new product."""

from demand_insights_engine import likeness_charts


def test_weeks_count_from_one():
    rows = likeness_charts.first_weeks([3.0, 4.0])["data"]["values"]

    assert rows == [{"week": 1, "units": 3.0}, {"week": 2, "units": 4.0}]
