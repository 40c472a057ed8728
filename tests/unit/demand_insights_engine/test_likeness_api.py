"""The route on new products, without HTTP."""

import json

import polars as pl
import pytest

from demand_insights import VERSIONS, write_insights
from demand_insights_engine.likeness_api import forecast_new_product
from demand_insights_engine.likeness_schemas import NewProduct
from demand_weeks import WEEKS, demand_weeks, demand_weeks_of
from lambda_app.http import ProblemError

NAMES = {("NW-1", "EUR"): "RED TEA CUP", ("NW-2", "EUR"): "GARDEN CHAIR", ("OT-3", "EUR"): None}


@pytest.fixture
def shop(api_storage):
    new = [
        demand_weeks_of(product, [units] * WEEKS, price=price)[5:]
        for (product, _), units, price in zip(NAMES, (10, 50, 90), (2.0, 40.0, None), strict=True)
    ]
    write_insights(api_storage, pl.concat([demand_weeks(), *new]), names=NAMES)
    return api_storage


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("asked", "like"),
    [
        ({"description": "blue tea cup"}, "NW-1"),
        ({"description": "garden table"}, "NW-2"),
        ({"description": "tea garden", "price": 35}, "NW-2"),
        ({"description": "something else", "group": "OT"}, "OT-3"),
    ],
)
def test_products_like_it_tell_of_a_new_one(asked, like):
    found = forecast_new_product("shop", NewProduct(**asked))

    assert found.like[0].name == like
    assert sum(one.weight for one in found.like) == pytest.approx(1)
    assert len(found.mean) == 8
    assert found.total_quantiles["q05"] <= found.total_mean <= found.total_quantiles["q95"]
    assert found.everyone_mean == 8 * 50
    assert found.data_version == VERSIONS["data_version"]
    assert json.dumps(found.chart)


def test_nothing_is_known_before_any_product_was_new(api_storage):
    write_insights(api_storage, demand_weeks())

    with pytest.raises(ProblemError, match="404 Not Found: There is no product of source shop"):
        forecast_new_product("shop", NewProduct(description="tea cup"))
