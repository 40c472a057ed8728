"""The charts of demand-insights-engine."""

from datetime import date

from demand_insights_engine import charts
from demand_insights_engine.demand_schemas import PastStep, Step

STEP = Step(
    step=1, week=date(2024, 1, 1), mean=5, median=4, quantiles={"q05": 1, "q95": 9}, baseline=3
)


def test_a_forecast_follows_the_last_values():
    rows = charts.forecast([1.0, None, 3.0], [STEP])["data"]["values"]

    assert [row["place"] for row in rows] == [-2, -1, 0, 1]
    assert [row["value"] for row in rows] == [1.0, None, 3.0, 4.0]


def test_weeks_have_their_band():
    [row] = charts.weeks("all", [STEP])["data"]["values"]

    assert row == {"start": "2024-01-01", "units": 4.0, "lower": 1.0, "upper": 9.0}


def test_a_backtest_shows_both_forecasts_beside_what_came():
    step = PastStep(step=1, actual=None, forecast=2, baseline=3)
    rows = charts.backtest("all", [step, step.model_copy(update={"actual": 4.0})])["data"]["values"]

    assert [(row["place"], row["series"]) for row in rows] == [
        (1, "forecast"), (1, "seasonal naive"),
        (2, "actual"), (2, "forecast"), (2, "seasonal naive"),
    ]  # fmt: skip


def test_days_have_their_band():
    step = STEP.model_copy(update={"week": None, "day": date(2024, 1, 2)})
    [row] = charts.days("all", [step])["data"]["values"]

    assert row["start"] == "2024-01-02"
