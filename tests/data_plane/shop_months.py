"""Assessed orders of some hours, and the quality section of their report."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from datalake.contracts.curated import ORDERS, RETURNS
from raw_to_curated.quality import Summary, assess

START = datetime(2011, 1, 3, 9, 0, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>\"'&\x00</style><img src=x onerror=alert(1)>"


def orders(
    rows: int, *, start: datetime = START, pence: int = 1, country: str = "Norway"
) -> pl.DataFrame:
    """Lines, one an hour, with prices from 0.50 to 12.00 times `pence`."""
    prices = ("0.50", "1.25", "2.55", "4.95", "12.00")
    frame = pl.DataFrame(
        {
            "order_id": [str(i // 3) for i in range(rows)],
            "line_number": range(2, rows + 2),
            "product_id": [f"P{i % 5}" for i in range(rows)],
            "description": [HOSTILE if i == 0 else "A THING" for i in range(rows)],
            "quantity": [1 + i % 4 for i in range(rows)],
            "unit_price": [Decimal(prices[i % 5]) * pence for i in range(rows)],
            "currency": "GBP",
            "ordered_at": [start + timedelta(hours=i) for i in range(rows)],
            "customer_id": [None if i % 4 == 0 else str(i % 7) for i in range(rows)],
            "country": country,
        },
        schema={name: ORDERS.schema[name] for name in ORDERS.schema.names()[:10]},
    )
    return assess(frame, None)[0]


def summarize(orders: pl.DataFrame, returns: pl.DataFrame | None) -> dict[str, Any]:
    summary = Summary()
    summary.add(ORDERS, orders)
    if returns is not None:
        summary.add(RETURNS, returns)
    content: dict[str, Any] = summary.section().model_dump(mode="json")
    return content


def no_returns() -> pl.DataFrame:
    return pl.DataFrame(schema=RETURNS.schema)
