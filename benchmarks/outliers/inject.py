"""Puts known errors into clean order lines, so that detectors of outliers can be compared.

Each kind is a mistake that people or programs make with prices and quantities. The detectors see
nothing of this module.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from datalake.contracts import MONEY

RATE = 0.01

_Values = np.ndarray
"""Prices in cents or quantities in pieces, Int64; an error returns such an array again."""


def _swap_digits(values: _Values, random: np.random.Generator) -> _Values:
    """Swap two neighbouring, different digits (255 → 525); as it was where there are none."""
    return np.array([_swapped(int(value), random) for value in values], dtype=np.int64)


def _swapped(value: int, random: np.random.Generator) -> int:
    digits = str(value)
    places = [i for i in range(len(digits) - 1) if digits[i] != digits[i + 1]]
    if not places:
        return value
    i = int(random.choice(places))
    return int(digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :])


def _of_another_line(values: _Values, random: np.random.Generator) -> _Values:
    return random.permutation(values)


PRICE_ERRORS: dict[str, Callable[[_Values, np.random.Generator], _Values]] = {
    "price_times_ten": lambda values, _: values * 10,
    "price_divided_by_ten": lambda values, _: np.round(values / 10).astype(np.int64),
    "price_digit_swap": _swap_digits,
    "price_of_another_line": _of_another_line,
}
QUANTITY_ERRORS: dict[str, Callable[[_Values, np.random.Generator], _Values]] = {
    "quantity_times_ten": lambda values, _: values * 10,
    "quantity_digit_swap": _swap_digits,
}
KINDS = (*PRICE_ERRORS, *QUANTITY_ERRORS)


def inject(orders: pl.DataFrame, *, seed: int) -> tuple[pl.DataFrame, pl.Series]:
    """The orders with RATE of the lines changed, and the kind of error of each line or null.

    All kinds are equally frequent. An error that changes nothing, or leaves no price or quantity
    of at least 0.01 or 1, is none: another line gets it.
    """
    random = np.random.default_rng(seed)
    cents = (orders["unit_price"] * 100).round().cast(pl.Int64).to_numpy().copy()
    quantity = orders["quantity"].to_numpy().copy()
    kind = np.full(orders.height, None, dtype=object)
    rest = random.permutation(orders.height)
    wanted = round(orders.height * RATE / len(KINDS))
    for name in KINDS:
        values = cents if name in PRICE_ERRORS else quantity
        error = {**PRICE_ERRORS, **QUANTITY_ERRORS}[name]
        # Enough candidates: seven in ten quantities have one digit and so none to swap.
        candidates = rest[: wanted * 20]
        changed = error(values[candidates], random)
        is_error = (changed != values[candidates]) & (changed >= 1)
        chosen = np.flatnonzero(is_error)[:wanted]
        values[candidates[chosen]] = changed[chosen]
        kind[candidates[chosen]] = name
        rest = np.setdiff1d(rest, candidates[chosen], assume_unique=True)
        random.shuffle(rest)
    is_price_error = np.isin(kind.astype(str), list(PRICE_ERRORS))
    price = pl.Series("unit_price", cents).cast(MONEY) / 100
    return (
        orders.with_columns(
            pl.when(pl.Series(is_price_error))
            .then(price.cast(MONEY))
            .otherwise("unit_price")
            .alias("unit_price"),
            pl.Series("quantity", quantity),
        ),
        pl.Series("kind", kind.tolist(), dtype=pl.String),
    )
