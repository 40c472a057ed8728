from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_plane.shop_lines import START, credit_notes, lines
from raw_to_curated.quality import assess


def matches(orders: pl.DataFrame, returns: pl.DataFrame) -> list[int | None]:
    matched = assess(orders, returns)[1]
    assert matched is not None
    return matched["matched_line_number"].to_list()


def test_a_return_matches_the_latest_order_before_it() -> None:
    orders = lines(
        {"order_id": "1"},
        {"order_id": "2", "ordered_at": START + timedelta(hours=1)},
        {"order_id": "3", "ordered_at": START + timedelta(days=2)},
    )
    matched = assess(orders, credit_notes({"quantity": 1}))[1]
    assert matched is not None
    assert matched["matched_order_id"].to_list() == ["2"]
    assert matched["matched_line_number"].to_list() == [3]


@pytest.mark.parametrize(
    "difference",
    [
        {"customer_id": "1"},
        {"customer_id": None},
        {"product_id": "X"},
        {"unit_price": Decimal("2.54")},
        {"currency": "EUR"},
        {"quantity": 7},
        {"ordered_at": START - timedelta(seconds=1)},
    ],
)
def test_returns_without_their_order_stay_unmatched(difference: dict[str, Any]) -> None:
    assert matches(lines({}), credit_notes(difference)) == [None]


def test_an_order_line_is_not_matched_beyond_its_quantity() -> None:
    orders = lines({"quantity": 6}, {"quantity": 6, "ordered_at": START + timedelta(hours=1)})
    returns = credit_notes(*({"quantity": quantity} for quantity in (4, 4, 2, 2, 1)))
    assert matches(orders, returns) == [3, 2, 3, 2, None]


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5), st.integers(1, 4)), max_size=25),
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5), st.integers(1, 4)), max_size=25),
)
def test_matching_equals_a_plain_search(
    sold: list[tuple[int, int, int]], returned: list[tuple[int, int, int]]
) -> None:
    def row(entry: tuple[int, int, int]) -> dict[str, Any]:
        product, hours, quantity = entry
        return {
            "product_id": str(product),
            "ordered_at": START + timedelta(hours=hours),
            "quantity": quantity,
        }

    orders, returns = lines(*map(row, sold)), credit_notes(*map(row, returned))
    left = {number: quantity for number, (*_, quantity) in enumerate(sold, start=2)}
    latest_first = sorted(enumerate(sold, start=2), key=lambda x: (x[1][1], x[0]), reverse=True)
    expected: dict[int, int | None] = {}
    for index, (product, hours, quantity) in sorted(
        enumerate(returned), key=lambda x: (x[1][1], x[0])
    ):
        fitting = (
            number
            for number, entry in latest_first
            if entry[0] == product and entry[1] <= hours and left[number] >= quantity
        )
        expected[index] = next(fitting, None)
        if (found := expected[index]) is not None:
            left[found] -= quantity
    assert matches(orders, returns) == [expected[index] for index in range(len(returned))]
