"""Evaluation of stock advice, on a small shop."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest


@pytest.fixture(scope="module")
def module(training_module):
    return training_module("evaluate_stock")


@pytest.fixture(scope="module")
def found(module, tmp_path_factory):
    file = tmp_path_factory.mktemp("lines") / "orders.parquet"
    chance = np.random.default_rng(1)
    days, products = 7 * 40, 30
    units = chance.negative_binomial(2, 0.2, (products, days))
    units[20:, :120] = 0
    row, day = np.nonzero(units)
    pl.DataFrame(
        {
            "product_id": [f"P{at:02}" for at in row],
            "description": [f"TRAY {'RED' if at % 2 else 'BLUE'}" for at in row],
            "quantity": units[row, day],
            "unit_price": np.full(row.size, 2.0),
            "ordered_at": [datetime(2024, 1, 1) + timedelta(days=int(at)) for at in day],
        }
    ).write_parquet(file)
    return module.evaluate(file)


def test_all_policies_are_measured_on_the_same_weeks(module, found):
    measured = found["orders.parquet"]
    assert measured["weeks"] == 20
    assert set(measured["policies"]) == set(module.TERMS)
    for policies in measured["policies"].values():
        assert set(policies) == {module.ADVICE, module.TEXTBOOK, module.HINDSIGHT}
        # In hindsight the textbook rule reaches the same service.
        assert policies[module.HINDSIGHT]["service"] >= policies[module.ADVICE]["service"] - 1e-9
    advice = measured["policies"]["service 95 %"][module.ADVICE]
    assert advice["service"] == pytest.approx(0.95, abs=0.05)


def test_new_products_are_measured_where_there_are_any(found):
    assert found["orders.parquet"]["new products"]["products"] >= 0


def test_the_table_names_each_policy(module, found):
    text = "\n".join(module.lines(found))
    for name in (*module.TERMS, module.ADVICE, module.TEXTBOOK, module.HINDSIGHT):
        assert name in text


def test_too_few_weeks_are_refused(module):
    with pytest.raises(Exception, match="24 are needed"):
        module.service_levels(np.ones((3, 20)))


def test_products_that_hardly_sell_are_refused(module):
    with pytest.raises(Exception, match="no product sold"):
        module.service_levels(np.zeros((3, 40)))
