"""The made-up shop as demand with its truth."""

import numpy as np
import pytest


@pytest.fixture(scope="module")
def module(training_module):
    return training_module("made_up_shop")


@pytest.fixture(scope="module")
def truth(module):
    return module.made_up_shop(seed=3, lines=8_000)


def test_all_that_is_sold_is_demand(truth):
    products, days = truth.demand.units.shape
    assert truth.demand.price.shape == (products, days)
    assert truth.group.shape == truth.elasticity.shape == truth.has_season.shape == (products,)
    assert truth.expected.shape == (len(truth.groups), days)
    sold = np.nan_to_num(truth.demand.units) > 0
    np.testing.assert_array_equal(sold, ~np.isnan(truth.demand.price))
    assert 5_000 < sold.sum() < 10_000


def test_products_have_no_demand_before_their_first_sale(truth):
    first = (np.nan_to_num(truth.demand.units) > 0).argmax(axis=1)
    for row, day in enumerate(first[:50]):
        assert np.isnan(truth.demand.units[row, :day]).all()


def test_purchases_are_days_of_customers(truth):
    assert truth.purchases.select("customer_id", "day").is_unique().all()
    assert (truth.purchases["orders"] > 0).all()


def test_a_seed_makes_the_same_shop(module, truth):
    again = module.made_up_shop(seed=3, lines=8_000)
    np.testing.assert_array_equal(again.demand.units, truth.demand.units)
    assert again.purchases.height == truth.purchases.height
