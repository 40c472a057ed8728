from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from data_plane.shop_lines import lines, shop
from datalake.contracts.curated import ORDERS
from raw_to_curated.quality import assess


def with_price(orders: pl.DataFrame, row: int, factor: str) -> pl.DataFrame:
    return orders.with_columns(
        pl.when(pl.int_range(pl.len()) == row)
        .then(pl.col("unit_price") * Decimal(factor))
        .otherwise("unit_price")
        .cast(ORDERS.schema["unit_price"])
        .alias("unit_price")
    )


@pytest.mark.parametrize("factor", ["10", "0.1"])
@pytest.mark.parametrize("rows", [120, 2_000])
def test_a_shifted_decimal_point_is_an_outlier(rows: int, factor: str) -> None:
    orders, _ = assess(with_price(shop(3, rows), 17, factor), None)
    assert orders["is_outlier"][17]
    assert orders["outlier_score"].arg_max() == 17


def test_a_clean_shop_has_hardly_any_outliers() -> None:
    assert assess(shop(4), None)[0]["is_outlier"].sum() <= 2


def test_ten_lines_are_enough_to_see_a_shifted_decimal_point() -> None:
    orders, _ = assess(with_price(lines(*({"order_id": str(i)} for i in range(10))), 4, "10"), None)
    assert orders["is_outlier"].to_list() == [i == 4 for i in range(10)]


def test_single_lines_of_different_products_are_no_outliers() -> None:
    prices = ("0.85", "1.25", "2.10", "3.75", "4.95", "7.95", "9.95", "12.75", "14.95", "29.95")
    rows = ({"product_id": str(i), "unit_price": Decimal(p)} for i, p in enumerate(prices))
    assert not assess(lines(*rows), None)[0]["is_outlier"].any()


def test_an_order_with_a_price_level_of_its_own_is_no_error() -> None:
    """One line at three times its price is an outlier, an order of eight such lines is none."""
    orders = shop(5)
    whole = pl.col("order_id") == orders["order_id"][800]
    one = pl.col("line_number") == orders["line_number"][800]
    dearer = (pl.col("unit_price") * 3).cast(ORDERS.schema["unit_price"])
    flagged = []
    for where in (whole, one):
        changed = orders.with_columns(
            unit_price=pl.when(where).then(dearer).otherwise("unit_price")
        )
        flagged.append(assess(changed, None)[0]["is_outlier"][800])
    assert flagged == [False, True]


def test_lines_that_are_no_products_are_not_scored() -> None:
    rows = lines(*({"product_id": "M", "unit_price": Decimal(10) ** i} for i in range(-1, 5)))
    orders, _ = assess(rows, None)
    assert orders["outlier_score"].to_list() == [0.0] * 6
