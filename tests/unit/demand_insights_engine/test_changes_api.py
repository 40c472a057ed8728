"""The routes on unusual weeks and on what changed, without HTTP."""

import json

import polars as pl
import pytest

from demand_insights import VERSIONS, write_insights
from demand_insights_engine.changes_api import read_anomalies, read_movers
from demand_weeks import WEEKS, demand_weeks, demand_weeks_of
from lambda_app.http import ProblemError


@pytest.fixture
def shop(api_storage):
    weeks = [
        demand_weeks(),
        demand_weeks_of("AB-8", [30] * 20 + [300] + [30] * (WEEKS - 22) + [3]),
        demand_weeks_of("AB-9", [10] * 10 + [60] + [10] * (WEEKS - 12) + [100]),
    ]
    write_insights(api_storage, pl.concat(weeks))
    return api_storage


@pytest.mark.usefixtures("shop")
def test_the_strongest_weeks_come_first():
    found = read_anomalies("shop", level="product", limit=3)

    scores = [abs(one.score) for one in found.anomalies]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == 3 < found.found
    assert found.model_version == VERSIONS["model_version"]
    assert json.dumps(found.chart)


@pytest.mark.usefixtures("shop")
def test_anomalies_of_one_series():
    found = read_anomalies("shop", level="product", name="AB-8")

    assert {one.name for one in found.anomalies} == {"AB-8"}
    assert found.found == len(found.anomalies) == 2


def test_a_series_without_unusual_weeks_has_none(api_storage):
    write_insights(api_storage, demand_weeks_of("AB-1", [9] * WEEKS))

    assert read_anomalies("shop", name="AB-1").anomalies == []


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("source", "level", "name"),
    [("shop", "product", "unknown"), ("shop", "group", "AB-1"), ("mill", None, None)],
)
def test_unknown_series_have_no_anomalies(source, level, name):
    with pytest.raises(ProblemError, match=f"of source {source}"):
        read_anomalies(source, level=level, name=name)


@pytest.mark.usefixtures("shop")
def test_risers_and_fallers_are_told_with_their_significance():
    found = read_movers("shop")

    assert found.risers[0].name == "AB-9"
    assert found.fallers[0].name == "AB-8"
    assert found.risers[0].is_significant
    # After a peak of ten times as much, a week of a tenth may be chance.
    assert not found.fallers[0].is_significant
    assert all(one.ratio > 1 for one in found.risers)
    assert all(one.ratio < 1 for one in found.fallers)
    assert json.dumps(found.chart)


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("limit", [1, 3, 10])
def test_parts_add_up_to_the_change_of_the_total(limit):
    found = read_movers("shop", limit=limit)

    assert sum(part.change for part in found.groups) == found.change
    assert sum(part.change for part in found.products) == found.change
    assert found.change == found.units - found.usual_units
    assert (found.products[-1].name is None) == (limit < 6)


def test_several_currencies_have_to_be_told_apart(api_storage):
    write_insights(api_storage, pl.concat([demand_weeks("EUR"), demand_weeks("USD")]))

    with pytest.raises(ProblemError, match="by currency: EUR, USD"):
        read_movers("shop")
    assert read_movers("shop", currency="USD").currency == "USD"
    assert read_anomalies("shop").source == "shop"


def test_without_a_week_before_nothing_changed(api_storage):
    write_insights(api_storage, demand_weeks(weeks=1))

    with pytest.raises(ProblemError, match="404 Not Found: There is no last week"):
        read_movers("shop")
