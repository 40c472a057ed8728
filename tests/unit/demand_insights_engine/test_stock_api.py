"""The routes on stock, without HTTP."""

import json

import polars as pl
import pytest

from demand_insights import VERSIONS, write_insights
from demand_insights_engine.stock_api import advise_on_series, read_stock_advice
from demand_insights_engine.stock_schemas import SeriesAdvice
from demand_weeks import PRODUCTS, demand_weeks
from lambda_app.http import ProblemError

WEEKS = [41, 38, 45, None, 39, 44, 42, 37, 43, 40, 52, 47, 49, 46, 41, 39, 44, 50, 48, 45]


@pytest.fixture
def shop(api_storage):
    write_insights(api_storage, demand_weeks())
    return api_storage


@pytest.mark.usefixtures("shop")
def test_advice_on_a_product_says_why():
    found = read_stock_advice("shop", PRODUCTS[0])

    assert found.expected_service >= 0.95
    assert found.order_up_to == found.reorder_point + 1
    assert found.demand_quantiles["q50"] < found.demand_quantiles["q95"] <= found.order_up_to
    assert [one.weeks for one in found.lead_times] == [2]
    assert found.order is None
    assert found.model_version == VERSIONS["model_version"]
    assert json.dumps(found.chart)


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    "harder",
    [
        {"lead_weeks": 4},
        {"lead_deviation": 1.5},
        {"service_level": 0.99},
        {"review": 4},
    ],
)
def test_harder_terms_need_more_stock(harder):
    plain, found = (read_stock_advice("shop", PRODUCTS[2], **terms) for terms in ({}, harder))

    assert found.order_up_to > plain.order_up_to


@pytest.mark.usefixtures("shop")
def test_an_order_lifts_the_position_in_whole_multiples():
    found = read_stock_advice("shop", PRODUCTS[0], multiple=12, minimum=30, position=2)

    assert found.order % 12 == 0
    assert found.order >= 36
    assert 2 + found.order > found.reorder_point
    assert read_stock_advice("shop", PRODUCTS[0], position=10_000).order == 0


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("terms", [{"lead_weeks": 12, "review": 2}, {"lead_deviation": 13}])
def test_a_time_beyond_what_is_known_is_refused(terms):
    with pytest.raises(ProblemError, match="above the 13 weeks"):
        read_stock_advice("shop", PRODUCTS[0], **terms)


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(("source", "name"), [("shop", "unknown"), ("mill", PRODUCTS[0])])
def test_unknown_products_have_no_advice(source, name):
    with pytest.raises(ProblemError, match=f"no demand for product {name} of source {source}"):
        read_stock_advice(source, name)


def test_several_currencies_have_to_be_told_apart(api_storage):
    write_insights(api_storage, pl.concat([demand_weeks("EUR"), demand_weeks("USD")]))

    with pytest.raises(ProblemError, match="by currency: EUR, USD"):
        read_stock_advice("shop", PRODUCTS[0])
    assert read_stock_advice("shop", PRODUCTS[0], currency="USD").currency == "USD"


def test_advice_on_a_series_of_the_request():
    found = advise_on_series(SeriesAdvice(values=WEEKS, position=50))

    assert 3 * 37 < found.order_up_to < 3 * 52 + 20
    assert found.order == found.order_up_to - 50
    assert found.warning is None


@pytest.mark.parametrize("values", [[7.0], [None], [0.0] * 30, [1e11] * 30])
def test_odd_series_have_advice(values):
    found = advise_on_series(SeriesAdvice(values=values))

    assert found.order_up_to >= 0
    assert (len(values) == 1) == (found.warning is not None)
