"""Lines that are no goods: postage, manual entries of the accounts, discounts."""

from __future__ import annotations

import numpy as np

from shop.customers import Purchases
from shop.lines import Lines, concat
from shop.parameters import OrderLaws
from shop.streams import Ints

CODES = (("POST", "POSTAGE"), ("M", "Manual"), ("D", "Discount"))
POSTAGE, MANUAL, DISCOUNT = range(3)
HOME = 0
"""The index of the country of the shop, to which postage is free."""


def charges(
    laws: OrderLaws, purchases: Purchases, goods: int, chance: np.random.Generator
) -> Lines:
    """Postage and manual entries of purchases, as lines of their invoices.

    `goods` is the number of products, after which the codes are counted.
    """
    abroad = purchases.country != HOME
    pays = np.flatnonzero(abroad & (chance.random(len(purchases)) < laws.postage_abroad))
    entered = np.flatnonzero(chance.random(len(purchases)) < laws.manual)
    manual = chance.integers(100, 10_000, len(entered))
    return concat(
        [
            _lines(purchases, pays, goods + POSTAGE, np.full(len(pays), laws.postage)),
            _lines(purchases, entered, goods + MANUAL, manual),
        ]
    )


def discounts(
    laws: OrderLaws, purchases: Purchases, goods: int, chance: np.random.Generator
) -> Lines:
    """Credit lines of a tenth of the budget, written with the purchase; without a number yet."""
    granted = np.flatnonzero(chance.random(len(purchases)) < laws.discounted)
    amount = np.maximum(purchases.budget[granted] // 10, 1)
    return _lines(purchases, granted, goods + DISCOUNT, amount, quantity=-1)


def _lines(
    purchases: Purchases,
    rows: Ints,
    product: int,
    price: Ints,
    quantity: int = 1,
) -> Lines:
    return Lines(
        number=purchases.order[rows],
        customer=purchases.customer[rows],
        country=purchases.country[rows],
        product=np.full(len(rows), product),
        quantity=np.full(len(rows), quantity),
        price=price,
        at=purchases.at[rows],
        purchase=np.zeros(len(rows), np.int64),
    )
