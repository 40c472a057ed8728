"""Order and credit note lines that quality columns are made for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl

from datalake.contracts.curated import ORDERS, RETURNS

START = datetime(2011, 1, 3, 9, 0, tzinfo=UTC)
QUALITY = ("line_type", "is_outlier", "outlier_score", "near_duplicate_of", "imputed_columns")
GIVEN = [name for name in ORDERS.schema if name not in QUALITY]
GIVEN_RETURNS = [
    name for name in RETURNS.schema if name != "line_type" and not name.startswith("matched_")
]


def lines(*rows: dict[str, Any]) -> pl.DataFrame:
    """Order lines: one row each, with defaults for what the test does not say."""
    full = [
        {
            "order_id": "536365",
            "line_number": number,
            "product_id": "85123A",
            "description": "WHITE HEART",
            "quantity": 6,
            "unit_price": Decimal("2.55"),
            "currency": "GBP",
            "ordered_at": START,
            "customer_id": "17850",
            "country": "United Kingdom",
            **row,
        }
        for number, row in enumerate(rows, start=2)
    ]
    return pl.DataFrame(full, schema={name: ORDERS.schema[name] for name in GIVEN})


def credit_notes(*rows: dict[str, Any]) -> pl.DataFrame:
    """Return lines, a day after the orders, with line numbers of their own."""
    full = [
        {"order_id": "C536400", "line_number": 1000 + number, "ordered_at": START + timedelta(1)}
        | row
        for number, row in enumerate(rows)
    ]
    frame = lines(*full).with_columns(is_cancellation=pl.lit(value=True))
    return frame.select(GIVEN_RETURNS)


def shop(seed: int, rows: int = 2_000) -> pl.DataFrame:
    """Orders of a shop with 40 products of steady prices, of any size of order."""
    random = np.random.default_rng(seed)
    product = random.integers(0, 40, rows)
    cents = np.random.default_rng(99).integers(50, 2_000, 40)[product]
    return lines(
        *(
            {
                "order_id": str(500_000 + i // 8),
                "product_id": f"{20_000 + int(product[i])}",
                "quantity": int(random.choice([1, 2, 6, 12])),
                "unit_price": Decimal(int(cents[i])) / 100,
                "customer_id": str(12_000 + i // 8 % 60),
            }
            for i in range(rows)
        )
    )
