"""Weekly and daily demand of a made-up source, as curated-to-prod writes it."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

FIRST = date(2024, 1, 1)
WEEKS = 40
PRODUCTS = ("AB-1", "AB-2", "CD-1", "77")


def demand_weeks(currency: str = "EUR", weeks: int = WEEKS, seed: int = 1) -> pl.DataFrame:
    """Rows of PRODUCTS in full weeks from FIRST on, with the columns that a history reads."""
    random = np.random.default_rng(seed)
    return pl.concat(
        demand_weeks_of(product, random.poisson(5 + 10 * index, weeks), currency=currency)
        for index, product in enumerate(PRODUCTS)
    )


def demand_weeks_of(
    product: str,
    units: np.ndarray,
    orders: np.ndarray | None = None,
    price: np.ndarray | float | None = 2.0,
    currency: str = "EUR",
) -> pl.DataFrame:
    """Rows of one product from FIRST on, an order for each unit unless `orders` are given."""
    return pl.DataFrame(
        {
            "product_id": product,
            "currency": currency,
            "week": [FIRST + timedelta(weeks=number) for number in range(len(units))],
            "days": 7,
            "units": units,
            "orders": units if orders is None else orders,
            "unit_price": price,
        },
        schema_overrides={"unit_price": pl.Float64},
    )


def demand_days(currency: str = "EUR", days: int = 60) -> pl.DataFrame:
    """Rows of PRODUCTS on days from FIRST on, a Monday, with nothing sold on Sundays."""
    random = np.random.default_rng(1)
    dates = [FIRST + timedelta(days=number) for number in range(days)]
    is_open = np.array([day.weekday() < 6 for day in dates])
    return pl.concat(
        demand_weeks_of(product, random.poisson(3 + index, days) * is_open, currency=currency)
        .with_columns(pl.Series("day", dates))
        .drop("week", "days")
        for index, product in enumerate(PRODUCTS)
    )
