from __future__ import annotations

import numpy as np
import pytest

from shop.charges import DISCOUNT, HOME, MANUAL, POSTAGE, charges, discounts
from shop.customers import Purchases
from shop.parameters import OrderLaws
from shop.streams import stream

LAWS = OrderLaws(manual=0.1, discounted=0.1)
COUNT, GOODS = 10_000, 50
NUMBER = np.arange(COUNT)
AT = np.datetime64("2023-01-02T10:00", "m") + NUMBER
BOUGHT = Purchases(NUMBER, NUMBER, NUMBER % 2, NUMBER * 0, AT, np.full(COUNT, 12_345))
CHARGED = charges(LAWS, BOUGHT, GOODS, stream(1, "test"))


def test_orders_abroad_pay_postage_with_its_probability() -> None:
    postage = CHARGED[CHARGED.product == GOODS + POSTAGE]

    assert (postage.country != HOME).all()
    assert len(postage) / (COUNT / 2) == pytest.approx(LAWS.postage_abroad, abs=0.025)
    assert set(postage.price.tolist()) == {LAWS.postage}


def test_some_orders_have_a_manual_entry() -> None:
    manual = CHARGED[CHARGED.product == GOODS + MANUAL]

    assert len(manual) / COUNT == pytest.approx(LAWS.manual, abs=0.012)
    assert manual.price.min() > 0
    assert len(CHARGED) == len(manual) + (CHARGED.product == GOODS + POSTAGE).sum()


def test_charges_stand_on_the_invoice_of_their_purchase() -> None:
    assert np.array_equal(CHARGED.at, AT[CHARGED.number])
    assert (CHARGED.quantity == 1).all()


def test_discounts_are_credits_of_a_tenth() -> None:
    granted = discounts(LAWS, BOUGHT, GOODS, stream(1, "test"))

    assert len(granted) / COUNT == pytest.approx(LAWS.discounted, abs=0.012)
    assert granted.is_credit.all()
    assert set(granted.price.tolist()) == {1_234}
    assert set(granted.product.tolist()) == {GOODS + DISCOUNT}
    assert not granted.purchase.any()
