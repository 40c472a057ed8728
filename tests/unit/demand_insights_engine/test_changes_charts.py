"""Charts of unusual weeks and changes."""

from datetime import date

from demand_insights_engine import changes_charts
from demand_insights_engine.changes_schemas import Anomaly, Part


def test_a_bar_for_each_unusual_week():
    anomaly = Anomaly(
        level="product", name="A-1", currency="EUR", week=date(2024, 1, 1),
        units=9, expected=3, lower=1, upper=6, score=4.5,
    )  # fmt: skip

    rows = changes_charts.anomalies([anomaly])["data"]["values"]

    assert rows == [{"week": "A-1, 2024-01-01 (EUR)", "score": 4.5}]


def test_a_bar_for_each_part_of_the_change():
    parts = [Part(name="A-1", change=3, share=1.5), Part(name=None, change=-1, share=-0.5)]

    rows = changes_charts.parts(parts)["data"]["values"]

    assert rows == [{"product": "A-1", "change": 3}, {"product": "all others", "change": -1}]
