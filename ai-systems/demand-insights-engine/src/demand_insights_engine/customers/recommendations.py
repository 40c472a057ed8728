"""Next-best products: what customers with the same products also bought.

Two products belong together if more customers bought both than chance explains (G-test; Dunning,
"Accurate methods for the statistics of surprise and coincidence", 1993), at a false discovery rate
of 1 % over all pairs (Benjamini and Hochberg, 1995). Who buys many products makes pairs of all of
them; what chance explains allows for that (Chung and Lu, 2002). Such pairs weigh with the cosine of
their buyers (item-to-item collaborative filtering; Linden, Smith and York, 2003).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import chdtrc, xlogy

from demand_insights_engine.customers.transactions import Floats, Mask

FALSE_DISCOVERIES = 0.01
MIN_TOGETHER = 3
"""Customers who bought both products of a pair."""

_MOST_PRODUCTS = 4_000
_CHUNK = 1_000
_SCHEMA = {
    "customer_id": pl.String,
    "rank": pl.Int64,
    "product_id": pl.String,
    "score": pl.Float64,
    "because_of": pl.String,
    "lift": pl.Float64,
    "together": pl.Int64,
    "p_value": pl.Float64,
    "products_bought": pl.Int64,
}


@dataclass(frozen=True)
class Affinities:
    """Products in the order of `products`; arrays are of shape (products, products) but `buyers`,
    which says how many customers bought each. Among `customers` that are equally active, chance
    makes as many pairs as among all. Where chance explains a pair, `weight` is 0 and `p_value` 1.
    """

    products: list[str]
    customers: float
    buyers: Floats
    together: Floats
    p_value: Floats
    weight: Floats

    def lift(self, one: int, other: int) -> float:
        """How many times as many customers bought both as chance explains."""
        chance = self.buyers[one] * self.buyers[other] / self.customers
        return float(self.together[one, other] / chance)


def recommend(bought: pl.DataFrame, as_of: date, most: int = 5) -> pl.DataFrame:
    """The best `most` products that each customer has not bought, each with the product that
    speaks most for it (`because_of`), from what was bought before `as_of`.

    `bought` has `customer_id`, `product_id` and `day`. Customers whom nothing speaks for have no
    row.
    """
    pairs = bought.filter(pl.col("day") < as_of).select("customer_id", "product_id").unique()
    # Those that fewer customers bought than of the first few thousand are left out.
    popular = (
        pairs.group_by("product_id")
        .len()
        .sort(["len", "product_id"], descending=[True, False])
        .head(_MOST_PRODUCTS)
    )
    pairs = pairs.join(popular, on="product_id", how="semi").sort("customer_id", "product_id")
    if pairs.is_empty():
        return pl.DataFrame(schema=_SCHEMA)
    owned, customers, products = _matrix(pairs)
    found = affinities(owned, products)
    rows: list[tuple[object, ...]] = []
    for begin in range(0, len(customers), _CHUNK):
        part = owned[begin : begin + _CHUNK]
        scores = np.where(part.toarray() > 0, 0.0, part @ found.weight)
        best = np.argsort(-scores, axis=1, kind="stable")[:, :most]
        for row, chosen in enumerate(best):
            has = part.indices[part.indptr[row] : part.indptr[row + 1]]
            for rank, product in enumerate(chosen, start=1):
                if not (score := scores[row, product]):
                    break
                reason = has[np.argmax(found.weight[has, product])]
                rows.append(
                    (
                        customers[begin + row],
                        rank,
                        products[product],
                        float(score),
                        products[reason],
                        found.lift(reason, product),
                        int(found.together[reason, product]),
                        float(found.p_value[reason, product]),
                        len(has),
                    )
                )
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def affinities(owned: csr_array, products: list[str]) -> Affinities:
    """Which products belong together; `owned` is 1 where a customer (row) bought a product."""
    customers = _equally_active(owned)
    together: Floats = (owned.T @ owned).toarray()
    buyers = together.diagonal().copy()
    np.fill_diagonal(together, 0)
    is_more = together * customers > np.outer(buyers, buyers)
    one, other = np.nonzero(np.triu(is_more & (together >= MIN_TOGETHER)))
    found = _g_test(together[one, other], buyers[one], buyers[other], customers)
    tests = len(products) * (len(products) - 1) // 2
    significant = found <= _threshold(found, tests)
    one, other, found = one[significant], other[significant], found[significant]
    p_value, weight = np.ones_like(together), np.zeros_like(together)
    cosine = together[one, other] / np.sqrt(buyers[one] * buyers[other])
    for pair in ((one, other), (other, one)):
        p_value[pair], weight[pair] = found, cosine
    return Affinities(products, customers, buyers, together, p_value, weight)


def _equally_active(owned: csr_array) -> float:
    """How many customers, if all had bought equally many products, make the pairs that chance makes
    of those who bought more and fewer; at most as many as there are."""
    bought: Floats = owned.sum(axis=1)
    pairs = float((bought * (bought - 1)).sum())
    customers = float(owned.shape[0])
    return min(customers, bought.sum() ** 2 / pairs) if pairs else customers


def _matrix(pairs: pl.DataFrame) -> tuple[csr_array, list[str], list[str]]:
    names = [pairs[name].unique().sort() for name in ("customer_id", "product_id")]
    places: list[NDArray[np.int64]] = [
        pairs[name].rank("dense").cast(pl.Int64).to_numpy() - 1
        for name in ("customer_id", "product_id")
    ]
    shape = (len(names[0]), len(names[1]))
    matrix = csr_array((np.ones(pairs.height), (places[0], places[1])), shape=shape)
    return matrix, names[0].to_list(), names[1].to_list()


def _g_test(both: Floats, one: Floats, other: Floats, customers: float) -> Floats:
    """The p-values of tables of customers who bought both products, one of them or neither."""
    total = np.maximum(customers, one + other - both)
    cells = (both, one - both, other - both, total - one - other + both)
    margins = (one, total - one, other, total - other)
    g = sum(xlogy(cell, cell) for cell in cells) + xlogy(total, total)
    g = 2 * (g - sum(xlogy(margin, margin) for margin in margins))
    p_value: Floats = chdtrc(1, np.maximum(g, 0.0))
    return p_value


def _threshold(p_values: Floats, tests: int) -> float:
    """The largest p-value that is significant among `tests` (Benjamini and Hochberg)."""
    in_order = np.sort(p_values)
    passed: Mask = in_order <= FALSE_DISCOVERIES * np.arange(1, len(in_order) + 1) / max(tests, 1)
    return float(in_order[passed][-1]) if passed.any() else -1.0
