"""The route on other prices, without HTTP."""

import json

import numpy as np
import polars as pl
import pytest

from demand_insights import VERSIONS, write_insights
from demand_insights_engine.response_api import read_what_if
from demand_insights_engine.response_stored import INSIGNIFICANT, NO_PROMOTIONS, UNVARIED
from demand_weeks import WEEKS, demand_weeks, demand_weeks_of
from lambda_app.http import ProblemError


def responding(number, elasticity):
    random = np.random.default_rng(number)
    price = random.choice([1.6, 2.0], WEEKS)
    units = random.poisson(60 * (price / 2) ** elasticity)
    return demand_weeks_of(f"{'PR' if elasticity else 'NO'}-{number}", units, price=price)


@pytest.fixture
def shop(api_storage):
    parts = [responding(number, elasticity) for number in range(6) for elasticity in (-2.5, 0)]
    write_insights(api_storage, pl.concat([demand_weeks(), *parts]))
    return api_storage


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(("level", "name"), [("product", "PR-1"), ("group", "PR")])
def test_a_lower_price_raises_demand(level, name):
    found = read_what_if("shop", name, 0.9, level)

    assert found.factor.lower < found.factor.estimate < found.factor.upper
    assert 1 < found.factor.estimate == pytest.approx(0.9**found.response.elasticity)
    for step, changed in zip(found.steps, found.changed, strict=True):
        assert step.week == changed.week
        assert changed.mean == pytest.approx(step.mean * found.factor.estimate)
        assert changed.lower <= changed.mean <= changed.upper
    assert found.notes[0] == NO_PROMOTIONS
    assert found.model_version == VERSIONS["model_version"]
    assert json.dumps(found.chart)


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("ratio", [0.5, 2.0])
def test_prices_that_were_never_asked_are_warned_about(ratio):
    found = read_what_if("shop", "PR-1", ratio)

    assert "only 1.60 to 2.00 were seen" in found.notes[-1]


@pytest.mark.usefixtures("shop")
def test_the_same_price_changes_nothing():
    found = read_what_if("shop", "PR-1", 1.0)

    assert [one.mean for one in found.changed] == [one.mean for one in found.steps]
    assert found.notes == [NO_PROMOTIONS]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("level", "name", "note"),
    [
        ("group", "NO", INSIGNIFICANT),
        ("product", "AB-1", UNVARIED),
        ("total", "all", UNVARIED),
    ],
)
def test_without_a_significant_response_the_forecast_is_plain(level, name, note):
    found = read_what_if("shop", name, 0.8, level)

    assert (found.factor, found.changed, found.notes) == (None, [], [note])
    assert len(found.steps) == 13


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(("source", "name"), [("shop", "unknown"), ("mill", "PR-1")])
def test_unknown_products_have_no_forecast(source, name):
    with pytest.raises(ProblemError, match=f"no forecast of product {name} of source {source}"):
        read_what_if(source, name, 0.9)
