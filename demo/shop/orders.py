"""Who buys what: fills each purchase with lines until its budget is spent."""

from __future__ import annotations

import numpy as np

from shop.customers import Purchases
from shop.demand import Demand
from shop.lines import Lines
from shop.streams import Floats, Ints


def fill(
    purchases: Purchases, demand: Demand, wanted: tuple[Ints, Ints], chance: np.random.Generator
) -> Lines:
    """The lines of purchases, an order's lines together, in order of time.

    A customer picks products by their `share` of the day until the budget is reached; units are
    geometric with the mean `units`. The last line counts whatever it costs, so that the mean of
    lines is the same in orders of any size (Wald's identity): units sold are expected to be picks *
    share * units. The budget stands below what is spent by `overshoot` on average, which it is
    reduced by first. A product picked twice is one line. `wanted` are the intermittent products
    that purchases (by index) hold besides, see `wanted`.
    """
    parts = [_wanted_lines(purchases, demand, wanted, chance)]
    left = np.maximum(purchases.budget - demand.overshoot, 1)
    shopping = np.arange(len(purchases))
    while shopping.size:
        picked, spent = _pick(purchases, demand, shopping, left, chance)
        parts.append(picked)
        left -= spent
        shopping = shopping[left[shopping] > 0]
    owner, product, units = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    owner, product, units = _merged(owner, product, units, demand.price.shape[1])
    day = purchases.day[owner] - demand.month.first_day
    return Lines(
        number=purchases.order[owner],
        customer=purchases.customer[owner],
        country=purchases.country[owner],
        product=product,
        quantity=units,
        price=demand.price[day, product],
        at=purchases.at[owner],
        purchase=np.zeros(len(owner), np.int64),
    )


def wanted(purchases: Purchases, demand: Demand, chance: np.random.Generator) -> tuple[Ints, Ints]:
    """Intermittent demand of a month: (index of the purchase, product), a random one of the day.

    Where nobody buys on a day its demand is lost.
    """
    day, product = np.nonzero(demand.occurs)
    first = np.searchsorted(purchases.day, demand.month.first_day + day, side="left")
    after = np.searchsorted(purchases.day, demand.month.first_day + day, side="right")
    owner = first + (chance.random(len(day)) * (after - first)).astype(np.int64)
    is_sold = after > first
    return owner[is_sold], product[is_sold]


def expected_lines(demand: Demand, budgets: Floats) -> float:
    """How many lines an order has on average: the products that its picks have at least once."""
    picks = np.maximum(budgets / demand.line_value, 1)
    return float((1 - np.exp(-picks[:, None] * demand.share.mean(axis=0))).sum(axis=1).mean())


_Parts = tuple[Ints, Ints, Ints]


def _wanted_lines(
    purchases: Purchases, demand: Demand, wanted: tuple[Ints, Ints], chance: np.random.Generator
) -> _Parts:
    owner, product = wanted
    day = purchases.day[owner] - demand.month.first_day
    return owner, product, chance.geometric(1 / demand.units[day, product])


def _pick(
    purchases: Purchases,
    demand: Demand,
    shopping: Ints,
    left: Floats,
    chance: np.random.Generator,
) -> tuple[_Parts, Floats]:
    """About as many picks as each budget may need; those after it is spent do not count."""
    count = (left[shopping] / demand.line_value).astype(np.int64) + 1
    owner = np.repeat(shopping, count)
    day = purchases.day[owner] - demand.month.first_day
    product = _products(demand, day, chance)
    units = chance.geometric(1 / demand.units[day, product])
    value = units * demand.price[day, product]
    before = np.cumsum(value) - value
    first = np.cumsum(count) - count
    counts = before - np.repeat(before[first], count) < left[owner]
    spent = np.bincount(owner[counts], value[counts], len(purchases)).astype(np.float64)
    return (owner[counts], product[counts], units[counts]), spent


def _products(demand: Demand, day: Ints, chance: np.random.Generator) -> Ints:
    """A product for each day, by the shares of the day."""
    days, products = demand.share.shape
    cumulative = np.cumsum(demand.share, axis=1)
    edges = (cumulative / cumulative[:, -1:] + np.arange(days)[:, None]).ravel()
    found = np.searchsorted(edges, day + chance.random(len(day)), side="right")
    return np.asarray(np.minimum(found - day * products, products - 1), dtype=np.int64)


def _merged(owner: Ints, product: Ints, units: Ints, products: int) -> _Parts:
    """One line for each product of an order, by order and product."""
    key, line = np.unique(owner * products + product, return_inverse=True)
    total = np.bincount(line, units, len(key)).astype(np.int64)
    return key // products, key % products, total


def blocks(purchases: Purchases, most: int) -> list[slice]:
    """Purchases in parts of at most `most`, by time; one empty part if there is none."""
    starts = range(0, max(len(purchases), 1), most)
    return [slice(start, start + most) for start in starts]
