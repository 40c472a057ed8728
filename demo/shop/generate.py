"""The shop as a stream of blocks: memory holds one block and the living customers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from shop import orders
from shop.charges import charges, discounts
from shop.customers import Activity, Customers, Purchases
from shop.demand import Demand, demand
from shop.lines import Lines, concat
from shop.parameters import Parameters
from shop.periods import Month, days_of, months
from shop.products import products
from shop.returns import Returns
from shop.streams import stream

BLOCK_ORDERS = 10_000
"""Orders of a block at most; some 120,000 lines with the default laws."""
# Expectations are computed from every third month and from this number of budgets.
SAMPLED_MONTHS = 3
BUDGETS = 200


@dataclass(frozen=True)
class Block:
    """A part of a month: its lines in order of time, and the purchases that they fill.

    The credit notes among the lines may be of purchases of earlier blocks.
    """

    part: int
    purchases: Purchases
    lines: Lines


@dataclass(frozen=True)
class ShopMonth:
    """A month: what its demand and customers are (the truth), and its blocks, to be read once."""

    month: Month
    demand: Demand
    activity: Activity
    blocks: Iterator[Block]


class Shop:
    """A made-up shop; `products` is what is true of its products."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters = parameters
        self.products = products(parameters)

    def months(self) -> Iterator[ShopMonth]:
        """The months in order. Read the blocks of each before the next month."""
        customers = Customers(self.parameters, self._expected_orders())
        returns = Returns(self.parameters, self.products)
        for month in months(self.parameters):
            wishes = demand(self.parameters, self.products, month)
            activity = customers.month(month)
            blocks = self._blocks(month, wishes, activity.purchases, returns)
            yield ShopMonth(month, wishes, activity, blocks)

    def _blocks(
        self, month: Month, wishes: Demand, purchases: Purchases, returns: Returns
    ) -> Iterator[Block]:
        seed, laws, goods = self.parameters.seed, self.parameters.orders, len(self.products)
        wanted = orders.wanted(purchases, wishes, stream(seed, "wanted", month.index))
        slices = orders.blocks(purchases, BLOCK_ORDERS)
        for part, rows in enumerate(slices):
            indices = (month.index, part)
            bought = purchases[rows]
            is_here = (wanted[0] >= rows.start) & (wanted[0] < rows.stop)
            filled = orders.fill(
                bought,
                wishes,
                (wanted[0][is_here] - rows.start, wanted[1][is_here]),
                stream(seed, "orders", *indices),
            )
            returns.add(filled, stream(seed, "returns", *indices))
            chance = stream(seed, "charges", *indices)
            added = charges(laws, bought, goods, chance)
            granted = discounts(laws, bought, goods, chance)
            is_last = part == len(slices) - 1
            until = month.dates[-1] + np.timedelta64(1, "D") if is_last else purchases.at[rows.stop]
            whole = concat([filled, added, returns.due(until, granted)])
            order = np.lexsort((whole.product, whole.number, whole.is_credit, whole.at))
            yield Block(part, bought, whole[order])

    def _expected_orders(self) -> float:
        """How many orders have the lines that the parameters ask for, on average."""
        seasons = list(months(self.parameters))[::SAMPLED_MONTHS]
        samples = [demand(self.parameters, self.products, month) for month in seasons]
        laws = self.parameters.customers
        chance = stream(self.parameters.seed, "expected orders")
        budget = laws.p / chance.gamma(laws.q, 1 / laws.gamma, BUDGETS)
        budget = chance.gamma(laws.p, budget / laws.p)
        lines = np.mean([orders.expected_lines(sample, budget) for sample in samples])
        days = days_of(self.parameters)
        intermittent = np.mean([sample.occurs.sum(axis=1).mean() for sample in samples]) * days
        return float(max(self.parameters.lines - intermittent, 1) / lines)
