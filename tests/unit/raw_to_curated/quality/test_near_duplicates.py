from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from data_plane.shop_lines import START, lines
from raw_to_curated.quality import assess


def test_near_duplicates_point_to_the_first_of_them() -> None:
    orders, _ = assess(
        lines(
            {},
            {"description": "white  heart"},
            {"product_id": "85123a ", "description": None},
            {"quantity": 5},
            {"unit_price": Decimal("2.95")},
            {"ordered_at": START + timedelta(minutes=1)},
            {"order_id": "536366"},
            {"customer_id": None},
        ),
        None,
    )
    assert orders["near_duplicate_of"].to_list() == [None, 2, 2, None, None, None, None, None]
