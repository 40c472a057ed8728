"""Quality columns: line types, near duplicates, imputation, matched returns, outliers."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datalake.contracts.curated import LINE_TYPES, ORDERS, RETURNS
from raw_to_curated.quality import assess
from raw_to_curated.quality.rules import COMMON, ONLINE_RETAIL, QualityRules

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


def test_only_quality_columns_are_added_and_the_contracts_hold() -> None:
    orders, returns = shop(1, 300), credit_notes({}, {"customer_id": None})
    assessed, assessed_returns = assess(orders, returns)
    assert assessed_returns is not None
    assert assessed.select(GIVEN).equals(orders)
    assert assessed_returns.select(GIVEN_RETURNS).equals(returns)
    ORDERS.check(assessed.select(ORDERS.schema.names()))
    RETURNS.check(assessed_returns.select(RETURNS.schema.names()))


def test_empty_frames_have_the_columns_too() -> None:
    orders, returns = assess(lines(), credit_notes({}).clear())
    assert returns is not None
    ORDERS.check(orders.select(ORDERS.schema.names()))
    RETURNS.check(returns.select(RETURNS.schema.names()))


def test_assessing_again_changes_nothing() -> None:
    once, returned_once = assess(shop(2, 400), credit_notes({}))
    twice, returned_twice = assess(once, returned_once)
    assert twice.equals(once)
    assert returned_once is not None
    assert returned_twice is not None
    assert returned_twice.equals(returned_once)


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


def test_a_source_declares_numbers_that_are_services() -> None:
    orders, _ = assess(lines({"product_id": "23444"}), None, rules=ONLINE_RETAIL)
    assert orders["line_type"].to_list() == ["postage"]


def test_rules_name_only_line_types_of_the_contract() -> None:
    assert set(COMMON.codes) <= set(LINE_TYPES)
    with pytest.raises(ValueError, match="postag"):
        QualityRules(codes={"postag": ("POST",)})


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


def test_only_declared_columns_are_imputed_and_always_flagged() -> None:
    rows = lines(
        {"description": "A"},
        {"description": "B"},
        {"description": "B"},
        {"description": None},
        {"product_id": "1", "description": None},
        {"product_id": "2", "description": "Y"},
        {"product_id": "2", "description": "X"},
        {"product_id": "2", "description": None},
    )
    untouched, _ = assess(rows, None)
    assert untouched["description"].equals(rows["description"])
    assert set(untouched["imputed_columns"]) == {""}
    filled, _ = assess(rows, None, rules=QualityRules(impute={"description": "product_id"}))
    assert filled["description"].to_list() == ["A", "B", "B", "B", None, "Y", "X", "X"]
    assert filled["imputed_columns"].to_list() == [
        "",
        "",
        "",
        "description",
        "",
        "",
        "",
        "description",
    ]


def test_two_imputed_columns_are_both_named() -> None:
    rows = lines({}, {"description": None, "customer_id": None})
    rules = QualityRules(impute={"description": "product_id", "customer_id": "order_id"})
    filled, _ = assess(rows, None, rules=rules)
    assert filled["customer_id"].to_list() == ["17850", "17850"]
    assert filled["imputed_columns"].to_list() == ["", "description,customer_id"]


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


@settings(max_examples=60, deadline=None)
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


def test_the_order_of_the_rows_does_not_matter() -> None:
    orders, returns = shop(6, 1_000), credit_notes({"customer_id": "12000"}, {"quantity": 2})
    straight, returned = assess(orders, returns)
    shuffled, returned_shuffled = assess(
        orders.sample(fraction=1, shuffle=True, seed=1), returns.reverse()
    )
    assert returned is not None
    assert returned_shuffled is not None
    assert shuffled.sort("line_number").equals(straight)
    assert returned_shuffled.sort("line_number").equals(returned)


def test_importing_the_package_does_not_import_scikit_learn() -> None:
    source = Path(sys.modules["raw_to_curated"].__path__[0]).parent
    libs = Path(__file__).parents[3] / "libs/datalake/src"
    code = "import sys, raw_to_curated.quality as q; sys.exit('sklearn' in sys.modules)"
    finished = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": f"{source}:{libs}"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stderr
