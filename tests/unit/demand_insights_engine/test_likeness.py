"""The first weeks of a new product, from products like it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from demand_insights_engine.likeness import LEVELS, SHOWN, Known, first_weeks, likeness

NAMES = ["RED OAK TRAY", "BLUE OAK TRAY", "GLASS LANTERN", "PAPER KITE", "RED PAPER KITE"]
EARLY = np.array([[10.0, 12], [8, 10], [50, 60], [1, 0], [2, 1]])


def known(names=NAMES, early=EARLY, price=None, group=None):
    size = len(names)
    return Known(
        names,
        np.full(size, 2.0) if price is None else np.array(price),
        np.full(size, -1) if group is None else np.array(group),
        early,
    )


@pytest.mark.parametrize(
    ("description", "like"),
    [("GREEN OAK TRAY", {0, 1}), ("old glass lantern", {2}), ("Kite, paper (tiny)", {3, 4})],
)
def test_shared_words_are_likeness(description, like):
    weights = likeness(known(), description, 2.0, -1)
    assert set(np.flatnonzero(weights > 0).tolist()) >= like
    assert set(np.argsort(-weights)[: len(like)].tolist()) == like


def test_rare_words_weigh_more():
    names = ["RED TRAY", *["RED BOX"] * 8, "OWL CLOCK"]
    weights = likeness(known(names), "RED OWL", 2.0, -1)
    assert weights[-1] > weights[0] > 0


def test_the_same_description_and_price_are_most_like():
    for row, name in enumerate(NAMES):
        assert likeness(known(), name, 2.0, -1).argmax() == row


def test_near_prices_are_more_like():
    weights = likeness(known(["TRAY"] * 3, price=[2.0, 4.0, 40.0]), "TRAY", 2.0, -1)
    assert weights[0] > weights[1] > weights[2] > 0


def test_a_group_adds_likeness_where_it_is_known():
    weights = likeness(known(["TRAY", "TRAY"], group=[0, 1]), "TRAY", 2.0, 1)
    assert weights[1] > weights[0]
    alone = likeness(known(["A TRAY", "KITE"], group=[0, 1]), "LAMP", 2.0, 1)
    assert alone[0] == 0 < alone[1]


@pytest.mark.parametrize("price", [float("nan"), 0.0, -1.0])
def test_a_price_that_is_not_known_tells_nothing(price):
    with_prices = known(price=[1.0, 2, 3, 4, 500])
    weights = likeness(with_prices, "RED TRAY", price, -1)
    np.testing.assert_allclose(weights, likeness(known(), "RED TRAY", 2.0, -1))
    assert np.isfinite(likeness(known(price=[price] * 5), "RED TRAY", 2.0, -1)).all()


def test_the_forecast_leans_to_like_products():
    trays, lantern = first_weeks(known(), "OAK TRAY", 2.0), first_weeks(known(), "LANTERN", 2.0)
    assert trays.mean.sum() < lantern.mean.sum()
    assert {row for row, _ in trays.like[:2]} == {0, 1}
    assert lantern.like[0][0] == 2


@pytest.mark.parametrize("description", ["", "???", "NOTHING ALIKE", "12 34"])
def test_without_likeness_all_products_count_alike(description):
    found = first_weeks(known(), description, float("nan"))
    np.testing.assert_allclose(found.mean, EARLY.mean(axis=0))
    assert found.quantiles[2] == 18


@given(st.lists(st.sampled_from(NAMES), min_size=1, max_size=9), st.sampled_from(NAMES))
def test_quantiles_are_ordered_and_weights_are_shares(names, description):
    early = np.random.default_rng(len(names)).poisson(5, (len(names), 3)).astype(float)
    found = first_weeks(known(names, early), description, 3.0)
    assert len(found.quantiles) == len(LEVELS)
    assert (np.diff(found.quantiles) >= 0).all()
    assert len(found.like) == min(SHOWN, len(names))
    assert 0 < sum(share for _, share in found.like) <= 1 + 1e-9


def test_one_known_product_is_the_forecast():
    found = first_weeks(known(["TRAY"], np.array([[3.0, 4]])), "LAMP")
    np.testing.assert_allclose(found.mean, [3, 4])
    assert found.quantiles.tolist() == [7] * 5


def test_without_known_products_there_is_no_forecast():
    with pytest.raises(ValueError, match="no product"):
        first_weeks(known([], np.empty((0, 3))), "TRAY")
