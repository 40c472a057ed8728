from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from shop.parameters import Parameters
from shop.periods import days_of
from shop.products import products

PARAMETERS = Parameters(lines=100_000)
PRODUCTS = products(PARAMETERS)
LAWS = PARAMETERS.products


def test_codes_are_those_of_goods_and_unique() -> None:
    assert len(set(PRODUCTS.codes)) == len(PRODUCTS) == LAWS.most
    assert all(re.fullmatch(r"[3-8][0-9]{4}[ABC]?", code) for code in PRODUCTS.codes)


@pytest.mark.parametrize(("lines", "count"), [(100, 50), (50_000, 400), (1_000_000, 800)])
def test_a_shop_has_products_for_its_size(lines: int, count: int) -> None:
    assert len(products(replace(PARAMETERS, lines=lines))) == count


def test_laws_hold_within_their_sampling_error() -> None:
    error = 4 / np.sqrt(len(PRODUCTS))
    assert PRODUCTS.popularity.std() == pytest.approx(LAWS.popularity_sd, abs=error)
    assert PRODUCTS.trend.mean() == pytest.approx(0, abs=error * LAWS.trend_sd)
    assert PRODUCTS.is_intermittent.mean() == pytest.approx(LAWS.intermittent, abs=error / 2)
    assert (PRODUCTS.launch >= 0).mean() == pytest.approx(LAWS.launched, abs=error / 2)
    mean = np.array([group.elasticity for group in LAWS.groups])[PRODUCTS.group]
    assert np.abs(PRODUCTS.elasticity - mean).max() <= LAWS.elasticity_spread


def test_no_product_ends_before_it_is_launched() -> None:
    assert (PRODUCTS.end > PRODUCTS.launch).all()


def test_prices_are_whole_pence_of_their_group() -> None:
    assert (PRODUCTS.list_price % 5 == 0).all()
    assert PRODUCTS.list_price.min() >= 25
    for index, group in enumerate(LAWS.groups):
        prices = PRODUCTS.list_price[PRODUCTS.group == index]
        assert np.median(prices) == pytest.approx(group.price, rel=0.25)


def test_prices_are_revised_in_each_calendar_year_but_the_first() -> None:
    assert PRODUCTS.revision.shape == (len(PRODUCTS), 2)
    assert (PRODUCTS.revision[:, 0] == 1).all()
    low, high = LAWS.revision
    assert PRODUCTS.revision[:, 1].min() >= low
    assert PRODUCTS.revision[:, 1].max() <= high


def test_promotions_are_within_the_period() -> None:
    assert PRODUCTS.promotion_start.min() >= 0
    assert PRODUCTS.promotion_start.max() < days_of(PARAMETERS)
    assert set(np.unique(PRODUCTS.promotion_discount)) == set(LAWS.discounts)
