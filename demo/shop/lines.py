"""Invoice lines as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from shop.streams import Bools, Ints, Times


@dataclass(frozen=True)
class Lines:
    """One element a line.

    `number` is that of the invoice or credit note. `product` indexes the products, and after them
    the codes of `charges`. `quantity` is negative on credit notes, `price` is in pence.
    `purchase` is the truth about a return: the invoice that it takes back, and 0 where there is
    none.
    """

    number: Ints
    customer: Ints
    country: Ints
    product: Ints
    quantity: Ints
    price: Ints
    at: Times
    purchase: Ints

    def __len__(self) -> int:
        return len(self.number)

    def __getitem__(self, rows: Ints | Bools) -> Lines:
        return Lines(*(getattr(self, field.name)[rows] for field in fields(self)))

    @property
    def is_credit(self) -> Bools:
        """Which lines are of credit notes."""
        return self.quantity < 0


def concat(parts: Sequence[Lines]) -> Lines:
    """The lines of all parts, in their order."""
    return Lines(
        *(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Lines))
    )


def no_lines() -> Lines:
    """No line."""
    none = np.empty(0, np.int64)
    return Lines(none, none, none, none, none, none, np.empty(0, "datetime64[m]"), none)
