"""Evaluation of forecasts on retail lines, on a small shop."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

WEEKS, PRODUCTS, SELDOM = 32, 12, 3


@pytest.fixture(scope="module")
def module(training_module):
    return training_module("evaluate_retail")


@pytest.fixture(scope="module")
def found(module, tmp_path_factory):
    file = tmp_path_factory.mktemp("lines") / "orders.parquet"
    units = np.random.default_rng(1).poisson(20, (PRODUCTS, WEEKS))
    units[:SELDOM, ::2] = 0
    row, week = np.nonzero(units)
    pl.DataFrame(
        {
            "product_id": [f"P{at:02}" for at in row],
            "description": ["TRAY"] * row.size,
            "quantity": units[row, week],
            "unit_price": np.full(row.size, 2.0),
            "ordered_at": [datetime(2024, 1, 7) + timedelta(weeks=int(at)) for at in week],
        }
    ).write_parquet(file)
    return module.evaluate(file)


def test_goods_that_sell_nearly_always_are_forecast_from_three_origins(found):
    assert found["series"] == PRODUCTS - SELDOM
    # The first week has a Sunday only.
    assert found["origins"] == [WEEKS - 1 - back for back in (12, 8, 4)]
    assert sum(found["members"].values()) == 3 * found["series"]


def test_median_and_mean_stand_beside_the_baselines(module, found):
    models = found["models"]
    assert set(models) == {module.MEDIAN, module.MEAN, module.SES, module.TSB, module.NAIVE}
    assert models[module.MEDIAN]["MASE"] < models[module.NAIVE]["MASE"]
    assert models[module.MEDIAN]["pinball"] < models[module.NAIVE]["pinball"]
    assert abs(models[module.MEAN]["bias"]) < 0.1
    assert 0.5 < models[module.MEDIAN]["coverage"] <= 1


def test_the_table_names_all_of_them(module, found):
    text = "\n".join(module.lines(found))
    for name in (*found["models"], "better of SES and TSB", "orders.parquet"):
        assert name in text


def test_too_few_weeks_and_too_few_sales_are_refused(module):
    with pytest.raises(Exception, match="23 whole weeks; 24 are needed"):
        module.goods(np.ones((3, 23)))
    with pytest.raises(Exception, match="nine tenths of the first 28 weeks"):
        module.goods(np.zeros((3, 40)))
