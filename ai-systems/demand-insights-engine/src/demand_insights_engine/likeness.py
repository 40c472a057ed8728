"""The first weeks of a new product, from products like it.

Likeness is the cosine of the words of descriptions, rare words weighing more (tf-idf: Salton and
Buckley, 1988), times the nearness of prices on the log scale; the same group adds to it. The
forecast is the distribution of what like products sold in their own first weeks, each weighted by
its likeness. A share of the weight is on all products alike: a description never tells all.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
SHOWN = 5
# Settled on the products of Online Retail that came before those it is evaluated on.
_ALIKE = 0.4
_PRICE_SCALE = 1.0
_SAME_GROUP = 0.3
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class Known:
    """Products that have had their first weeks: `descriptions`, `price` and `group` (products,),
    and `early` units (products, weeks). Prices may be nan, and a group -1 where it is not known."""

    descriptions: Sequence[str]
    price: Floats
    group: Ints
    early: Floats


@dataclass(frozen=True)
class FirstWeeks:
    """`mean` units of each of the first weeks, `quantiles` of their sum at LEVELS, and the rows of
    the products most `like` it, with their share of the weight."""

    mean: Floats
    quantiles: Floats
    like: list[tuple[int, float]]


def first_weeks(
    known: Known, description: str, price: float = np.nan, group: int = -1
) -> FirstWeeks:
    """Forecast a new product. Raises ValueError where no product is known."""
    if not len(known.early):
        raise ValueError("no product has had its first weeks")
    weights = likeness(known, description, price, group)
    total = weights.sum()
    alike = np.full(weights.size, 1 / weights.size)
    weights = _ALIKE * alike + (1 - _ALIKE) * weights / total if total > 0 else alike
    sums = known.early.sum(axis=1)
    order = np.argsort(sums, kind="stable")
    passed = np.cumsum(weights[order])
    at = np.minimum(np.searchsorted(passed, np.asarray(LEVELS) - 1e-12), sums.size - 1)
    best = np.argsort(-weights, kind="stable")[:SHOWN]
    return FirstWeeks(
        mean=weights @ known.early,
        quantiles=sums[order][at],
        like=[(int(row), float(weights[row])) for row in best],
    )


def likeness(known: Known, description: str, price: float, group: int) -> Floats:
    """How like each known product is, 0 or more; only their proportions count."""
    words = [_words(one) for one in known.descriptions]
    count = Counter(word for one in words for word in one)
    size = len(words)

    def vector(one: frozenset[str]) -> dict[str, float]:
        return {word: log((1 + size) / (1 + count[word])) + 1 for word in sorted(one)}

    new = vector(_words(description))
    norm = sum(value**2 for value in new.values()) ** 0.5
    cosine = np.zeros(size)
    for row, one in enumerate(words):
        shared = sum(new[word] ** 2 for word in sorted(one & new.keys()))
        if shared:
            cosine[row] = shared / norm / sum(value**2 for value in vector(one).values()) ** 0.5
    if group >= 0:
        cosine = cosine + _SAME_GROUP * (known.group == group)
    return cosine * _nearness(known.price, price)


def _nearness(prices: Floats, price: float) -> Floats:
    """1 for the same price, less the further apart; one that is not known counts as the usual."""
    if not price > 0:
        return np.ones(prices.size)
    apart = np.abs(np.log(np.where(prices > 0, prices, np.nan)) - log(price))
    is_known = ~np.isnan(apart)
    usual = float(np.median(apart[is_known])) if is_known.any() else 0.0
    nearness = np.exp(-((np.where(is_known, apart, usual) / _PRICE_SCALE) ** 2) / 2)
    return np.asarray(nearness, dtype=np.float64)


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.upper()))
