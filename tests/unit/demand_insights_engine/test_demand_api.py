"""The routes on demand, without HTTP."""

import json

import polars as pl
import pytest

from demand_insights import VERSIONS, write_days, write_insights
from demand_insights_engine.demand.rows import HORIZON
from demand_insights_engine.demand_api import (
    backtest_series,
    forecast_series,
    read_backtest,
    read_days,
    read_forecast,
)
from demand_insights_engine.demand_schemas import MAX_VALUES, Frequency, Series
from demand_weeks import PRODUCTS, demand_days, demand_weeks
from forecasting.forecast import SHORT_BUT_BELIEVED
from lambda_app.http import ProblemError


def store(storage, *currencies):
    write_insights(storage, pl.concat(demand_weeks(one) for one in currencies))


@pytest.mark.parametrize("frequency", Frequency)
def test_a_series_of_any_frequency_is_forecast(frequency):
    values = [10.0 + number % 4 for number in range(60)]

    found = forecast_series(Series(frequency=frequency, values=values, horizon=3))

    assert [step.step for step in found.steps] == [1, 2, 3]
    assert all(
        step.quantiles["q05"] <= step.median <= step.quantiles["q95"] for step in found.steps
    )
    assert len(found.chart["data"]["values"]) == len(values) + 3
    assert json.dumps(found.chart)


@pytest.mark.parametrize("values", [[7.0], [0.0] * 30, [5.0] * 30, [None, 3.0, None]])
def test_little_is_answered_with_what_can_be_said(values):
    found = forecast_series(Series(frequency=Frequency.WEEKLY, values=values, horizon=2))

    assert len(found.steps) == 2
    assert all(step.quantiles["q05"] >= 0 for step in found.steps)
    assert len(values) > 20 or found.method.warning


def test_a_short_series_is_forecast_by_the_prior():
    values = [0.0, 3.0, 0.0, 0.0, 4.0, 0.0, 0.0, 3.0]

    found = forecast_series(Series(frequency=Frequency.WEEKLY, values=values, horizon=4))

    assert found.method.warning == SHORT_BUT_BELIEVED
    # The last value, 3, says little about the next ones.
    assert found.steps[0].median < found.steps[0].baseline == 3
    assert found.steps[0].quantiles["q05"] == 0


def test_the_longest_series_is_forecast():
    found = forecast_series(
        Series(frequency=Frequency.DAILY, values=[1.0, 2.0] * (MAX_VALUES // 2))
    )

    assert len(found.steps) == 13


def test_components_say_what_a_forecast_stands_on():
    values = [20.0, 10.0, 10.0, 10.0, 10.0, 10.0, 0.0] * 10

    found = forecast_series(Series(frequency=Frequency.DAILY, values=values, horizon=7))

    assert found.components.level == pytest.approx(10, rel=0.1)
    assert found.components.trend == pytest.approx(0, abs=0.1)
    assert found.components.season == pytest.approx([2, 1, 1, 1, 1, 1, 0], abs=0.1)


def test_a_backtest_tells_what_came():
    values = [float(number % 7) for number in range(70)]

    found = backtest_series(Series(frequency=Frequency.DAILY, values=values, horizon=7))

    assert [step.actual for step in found.steps] == values[-28:]
    assert found.value_added is None or found.value_added <= 1


def test_a_backtest_of_a_short_series_is_empty():
    found = backtest_series(Series(frequency=Frequency.DAILY, values=[1.0, 2.0]))

    assert found.steps == []
    assert found.value_added is None
    assert found.method.warning


def test_stored_series_are_read_at_every_level(api_storage):
    store(api_storage, "EUR")

    for level, name in (("total", "all"), ("group", "AB"), ("product", PRODUCTS[0])):
        found = read_forecast("shop", level, name)
        past = read_backtest("shop", level, name)

        assert len(found.steps) == len(found.components.season) == HORIZON
        assert len(past.steps) == 2 * HORIZON
        assert found.steps[0].week > past.steps[-1].week
        assert (found.data_version, past.model_version) == (
            VERSIONS["data_version"],
            VERSIONS["model_version"],
        )


def test_several_currencies_have_to_be_told_apart(api_storage):
    store(api_storage, "EUR", "USD")

    with pytest.raises(ProblemError, match="by currency: EUR, USD"):
        read_forecast("shop")
    assert read_forecast("shop", currency="USD").currency == "USD"


@pytest.mark.parametrize(("source", "name"), [("shop", "unknown"), ("mill", "all")])
def test_what_is_not_forecast_is_not_found(api_storage, source, name):
    store(api_storage, "EUR")

    with pytest.raises(
        ProblemError,
        match=f"404 Not Found: There is no forecast of total {name} of source {source}",
    ):
        read_forecast(source, "total", name)


def test_days_are_read_at_every_level(api_storage):
    write_days(api_storage, demand_days())

    for level, name in (("total", "all"), ("group", "AB"), ("product", PRODUCTS[0])):
        found = read_days("shop", level, name)

        assert [step.step for step in found.steps] == [*range(1, 29)]
        assert found.steps[0].day < found.steps[-1].day
        assert found.members
    with pytest.raises(ProblemError, match="404 Not Found: There is no daily forecast of total"):
        read_days("mill")
