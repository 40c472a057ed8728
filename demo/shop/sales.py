"""Sales lines of a made-up US office supplier, a month at a time; a shop of another kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from shop.parameters import Parameters
from shop.periods import Month, months
from shop.streams import Floats, Ints, stream

CATEGORIES = (
    ("Furniture", "Bookcases", 0.15),
    ("Furniture", "Chairs", 0.25),
    ("Office Supplies", "Binders", 0.45),
    ("Office Supplies", "Paper", 0.5),
    ("Technology", "Phones", 0.3),
    ("Technology", "Copiers", 0.4),
)
"""Category, subcategory, margin of the list price."""
SHIP_MODES = ("Standard Class", "Second Class", "First Class", "Same Day")
SEGMENTS = ("Consumer", "Corporate", "Home Office")
PLACES = (
    ("Springhaven", "Ohio", "East", "00001"),
    ("Lakemoor", "Texas", "Central", "00002"),
    ("Pinecrest Falls", "Georgia", "South", "00003"),
    ("Cañon Alto", "California", "West", "00004"),
)
"""City, state, region, postal code; the codes are not in use."""
DISCOUNTS = (0.0, 0.1, 0.2, 0.4)


@dataclass(frozen=True)
class Sales:
    """One element a line; `amount` (after `discount`) and `profit` are in hundredths of a cent.

    profit = amount * (1 - (1 - margin) / (1 - discount)): the cost does not know of the discount.
    """

    category: Ints
    ship_mode: Ints
    segment: Ints
    place: Ints
    quantity: Ints
    discount: Floats
    amount: Ints
    profit: Ints


def sales_months(parameters: Parameters) -> Iterator[tuple[Month, Sales]]:
    """A tenth as many lines as the shop has, the same number each month."""
    count = max(1, round(parameters.lines / 10 / parameters.months))
    for month in months(parameters):
        chance = stream(parameters.seed, "sales", month.index)
        category = chance.integers(0, len(CATEGORIES), count)
        margin = np.array([margin for _, _, margin in CATEGORIES])[category]
        discount = chance.choice(np.array(DISCOUNTS), count, p=[0.5, 0.2, 0.2, 0.1])
        quantity = chance.geometric(0.25, count)
        amount = np.round(quantity * chance.lognormal(3, 1, count) * (1 - discount) * 10_000)
        profit = np.round(amount * (1 - (1 - margin) / (1 - discount)))
        yield (
            month,
            Sales(
                category=category,
                ship_mode=chance.choice(len(SHIP_MODES), count, p=[0.6, 0.2, 0.15, 0.05]),
                segment=chance.choice(len(SEGMENTS), count, p=[0.5, 0.3, 0.2]),
                place=chance.integers(0, len(PLACES), count),
                quantity=quantity,
                discount=discount,
                amount=np.maximum(amount, 1).astype(np.int64),
                profit=profit.astype(np.int64),
            ),
        )
