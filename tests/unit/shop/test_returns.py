from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from shop.lines import Lines, no_lines
from shop.parameters import OrderLaws, Parameters
from shop.products import products
from shop.returns import FIRST_CREDIT_NOTE, LONGEST_DAYS, Returns
from shop.streams import stream

PARAMETERS = Parameters(orders=OrderLaws(cancelled=0.02))
LAWS = PARAMETERS.orders
PRODUCTS = products(PARAMETERS)
ORDERS, PER_ORDER = 20_000, 5
NUMBER = np.repeat(np.arange(1, ORDERS + 1), PER_ORDER)
PRODUCT = np.arange(len(NUMBER)) % len(PRODUCTS)
BOUGHT = Lines(
    number=NUMBER,
    customer=NUMBER + 100,
    country=NUMBER * 0,
    product=PRODUCT,
    quantity=np.full(len(NUMBER), 4),
    price=np.arange(len(NUMBER)) % 900 + 1,
    at=np.full(len(NUMBER), np.datetime64("2023-01-02T10:00", "m")),
    purchase=NUMBER * 0,
)
END = np.datetime64("2024-01-01", "m")


def returned(before: np.datetime64 = END, parameters: Parameters = PARAMETERS) -> Lines:
    keeper = Returns(parameters, PRODUCTS)
    keeper.add(BOUGHT, stream(1, "test"))
    return keeper.due(before, no_lines())


ALL = returned()
IS_CANCELLED = ALL.at.astype("datetime64[D]") == np.datetime64("2023-01-02")


def test_every_return_is_of_a_purchase_with_its_customer_product_and_price() -> None:
    row = (ALL.purchase - 1) * PER_ORDER
    row += (ALL.product - PRODUCT[row]) % len(PRODUCTS)

    for name in ("customer", "product", "price"):
        assert np.array_equal(getattr(ALL, name), getattr(BOUGHT, name)[row])
    assert (-ALL.quantity <= 4).all()
    assert ALL.is_credit.all()
    assert len(np.unique(row)) == len(row)


def test_orders_are_cancelled_whole_within_two_hours() -> None:
    cancelled = ALL[IS_CANCELLED]

    orders, lines = np.unique(cancelled.purchase, return_counts=True)
    assert len(orders) / ORDERS == pytest.approx(LAWS.cancelled, abs=0.004)
    assert set(lines) == {PER_ORDER}
    assert set(cancelled.quantity.tolist()) == {-4}
    assert cancelled.at.max() < np.datetime64("2023-01-02T12:00")


def test_lines_come_back_with_the_probability_of_their_group() -> None:
    for index, group in enumerate(PARAMETERS.products.groups):
        of = PRODUCTS.group[PRODUCT] == index
        found = (PRODUCTS.group[ALL[~IS_CANCELLED].product] == index).sum()
        expected = of.sum() * group.returned * (1 - LAWS.cancelled)
        assert found == pytest.approx(expected, abs=4 * np.sqrt(expected))


def test_some_come_back_in_part() -> None:
    part = ALL[~IS_CANCELLED].quantity
    # A part of 1-4 units may be all of them.
    expected = LAWS.whole + (1 - LAWS.whole) / 4

    assert (part == -4).mean() == pytest.approx(expected, abs=4 * 0.5 / np.sqrt(len(part)))


def test_days_until_a_return_are_geometric() -> None:
    days = (ALL[~IS_CANCELLED].at.astype("datetime64[D]") - np.datetime64("2023-01-02")).astype(int)

    assert days.min() == 1
    assert days.max() <= LONGEST_DAYS
    assert days.mean() == pytest.approx(LAWS.return_days, abs=4 * 12 / np.sqrt(len(days)) + 0.05)


def test_what_comes_back_of_an_order_at_once_is_one_credit_note() -> None:
    assert ALL.number.min() == FIRST_CREDIT_NOTE
    assert np.array_equal(
        np.unique(ALL.number), FIRST_CREDIT_NOTE + np.arange(np.ptp(ALL.number) + 1)
    )
    pairs = np.unique(np.stack([ALL.number, ALL.purchase]), axis=1)
    assert pairs.shape[1] == len(np.unique(ALL.number)) == len(np.unique(ALL.purchase))
    assert (np.diff(ALL.at) >= np.timedelta64(0, "m")).all()


def test_a_return_waits_for_its_time() -> None:
    keeper = Returns(PARAMETERS, PRODUCTS)
    keeper.add(BOUGHT, stream(1, "test"))
    days = np.datetime64("2023-01-02") + np.arange(LONGEST_DAYS + 2)

    parts = [keeper.due(day.astype("datetime64[m]"), no_lines()) for day in days]

    assert not len(parts[0])
    assert sum(map(len, parts)) == len(ALL)
    assert np.array_equal(np.concatenate([part.number for part in parts]), ALL.number)


def test_credits_without_a_purchase_are_numbered_with_the_others() -> None:
    discount = replace(BOUGHT[np.array([0])], quantity=np.array([-1]))

    numbered = Returns(PARAMETERS, PRODUCTS).due(END, discount)

    assert numbered.number.tolist() == [FIRST_CREDIT_NOTE]
    assert numbered.purchase.tolist() == [0]
