from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from data_plane.retail import (
    GOOD,
    retail,
)
from datalake.contracts.curated import ORDERS, RETURNS


def test_an_order_line_is_typed() -> None:
    row = retail(GOOD).tables[ORDERS].row(0, named=True)
    assert row == {
        "order_id": "536365",
        "line_number": 2,
        "product_id": "85123A",
        "description": "WHITE HOLDER",
        "quantity": 6,
        "unit_price": Decimal("2.5500"),
        "currency": "GBP",
        "ordered_at": datetime(2010, 12, 1, 8, 26, tzinfo=UTC),
        "customer_id": "17850",
        "country": "United Kingdom",
        "line_type": "product",
        "is_outlier": False,
        "outlier_score": 0.0,
        "near_duplicate_of": None,
        "imputed_columns": "",
    }


def test_a_cancellation_and_a_negative_quantity_are_returns() -> None:
    curated = retail(
        "C536379,D,Discount,-1,2010-12-01 09:41:00,27.50,14527,United Kingdom\n"
        "536380,D,Discount,-3,2010-12-01 09:41:00,27.50,14527,United Kingdom\n"
    )
    assert curated.tables[ORDERS].is_empty()
    returns = curated.tables[RETURNS]
    assert returns.select("order_id", "quantity", "is_cancellation").rows() == [
        ("C536379", 1, True),
        ("536380", 3, False),
    ]
