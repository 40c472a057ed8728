from __future__ import annotations

import pytest

from data_plane.shop_lines import lines
from raw_to_curated.quality import assess


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("85123A", "product"),
        ("DCGSSGIRL", "product"),
        ("POST", "postage"),
        ("post ", "postage"),
        ("DOT", "postage"),
        ("C2", "postage"),
        ("BANK CHARGES", "fee"),
        ("AMAZONFEE", "fee"),
        ("CRUK", "fee"),
        ("D", "discount"),
        ("M", "adjustment"),
        ("m", "adjustment"),
        ("B", "adjustment"),
        ("TEST001", "test"),
        ("S", "other"),
        ("PADS", "other"),
        ("gift_0001_20", "other"),
        ("POSTER", "product"),
        ("23444", "product"),
    ],
)
def test_codes_that_are_no_goods(code: str, expected: str) -> None:
    assert assess(lines({"product_id": code}), None)[0]["line_type"].to_list() == [expected]
