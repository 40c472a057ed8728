"""Goods that come back, and orders taken back whole: each belongs to a purchase."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from shop.lines import Lines, concat, no_lines
from shop.parameters import Parameters
from shop.products import Products
from shop.streams import Ints, Times

FIRST_CREDIT_NOTE = 100_001
LONGEST_DAYS = 90


class Returns:
    """Keeps what is on its way back until its day, at most 90 days."""

    def __init__(self, parameters: Parameters, products: Products) -> None:
        self._laws = parameters.orders
        self._rate = np.array([group.returned for group in parameters.products.groups])[
            products.group
        ]
        self._pending = no_lines()
        self._notes = 0

    def add(self, lines: Lines, chance: np.random.Generator) -> None:
        """Decide which of the goods lines of some orders come back, how many units and when.

        The lines of an order lie together. What comes back of an order comes back at once.
        """
        order, member = np.unique(lines.number, return_inverse=True)
        is_cancelled = chance.random(len(order)) < self._laws.cancelled
        within = chance.integers(5, 120, len(order))
        days = np.minimum(chance.geometric(1 / self._laws.return_days, len(order)), LONGEST_DAYS)
        hour = chance.integers(9 * 60, 17 * 60, len(order))
        comes_back = chance.random(len(lines)) < self._rate[lines.product]
        is_whole = chance.random(len(lines)) < self._laws.whole
        part = 1 + (chance.random(len(lines)) * lines.quantity).astype(np.int64)
        cancelled = is_cancelled[member]
        later = lines.at.astype("datetime64[D]") + days[member]
        at = np.where(
            cancelled,
            lines.at + within[member],
            later.astype("datetime64[m]") + hour[member],
        )
        quantity = -np.where(cancelled | is_whole, lines.quantity, part)
        returned = replace(lines, quantity=quantity, at=at, purchase=lines.number)
        self._pending = concat([self._pending, returned[cancelled | comes_back]])

    def due(self, before: Times | np.datetime64, others: Lines) -> Lines:
        """The credit lines of before a time, `others` among them, with numbers in order of time."""
        is_due = self._pending.at < before
        due = concat([self._pending[is_due], others])
        self._pending = self._pending[~is_due]
        due = due[np.lexsort((due.product, due.number, due.at))]
        return replace(due, number=self._numbers(due.at, due.number))

    def _numbers(self, at: Times, order: Ints) -> Ints:
        """One number for the lines that follow each other with the same time and order."""
        is_first = np.ones(len(at), dtype=np.bool_)
        is_first[1:] = (at[1:] != at[:-1]) | (order[1:] != order[:-1])
        numbers = FIRST_CREDIT_NOTE + self._notes + np.cumsum(is_first) - 1
        self._notes += int(is_first.sum())
        return np.asarray(numbers, dtype=np.int64)
