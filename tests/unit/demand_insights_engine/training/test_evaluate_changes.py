"""Evaluation of what was put into demand."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest


@pytest.fixture
def module(training_module):
    return training_module("evaluate_changes")


@pytest.fixture
def found(module, tmp_path):
    chance = np.random.default_rng(1)
    units = chance.poisson(6, (60, 7 * 40))
    row, day = np.nonzero(units)
    pl.DataFrame(
        {
            "product_id": [f"P{at:02}" for at in row],
            "description": [""] * row.size,
            "quantity": units[row, day],
            "unit_price": np.full(row.size, 2.0),
            "ordered_at": [datetime(2024, 1, 1) + timedelta(days=int(at)) for at in day],
        }
    ).write_parquet(tmp_path / "orders.parquet")
    return module.evaluate(tmp_path / "orders.parquet")


def test_what_was_put_into_calm_demand_is_found(found):
    robust = found["unusual weeks"]["robust"]
    assert robust["precision"] > 0.9
    assert robust["recall"] > 0.9
    tested = found["changes of units"]["tested"]
    assert tested["precision"] > 0.7
    assert tested["recall"] > 0.9


def test_breaks_are_found_and_calm_demand_has_none(found):
    assert found["stock-outs"]["share of days out"] == 0
    assert found["stock-outs"]["14 days"]["found"] > 0.9


def test_the_table_names_each_method(module, found):
    text = "\n".join(module.lines(found))
    for name in ("robust", "three sigma", "tested", "breaks of 28 days"):
        assert name in text
