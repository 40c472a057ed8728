from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from datalake.contracts import Column, ContractViolation, Table
from datalake.contracts.curated import LINE_TYPES, ORDERS, QUARANTINE

ORDER: dict[str, Any] = {
    "order_id": "536365",
    "line_number": 2,
    "product_id": "85123A",
    "description": None,
    "quantity": 6,
    "unit_price": Decimal("2.55"),
    "currency": "GBP",
    "ordered_at": datetime(2010, 12, 1, 8, 26, tzinfo=UTC),
    "customer_id": None,
    "country": "United Kingdom",
    "line_type": "product",
    "is_outlier": False,
    "outlier_score": 0.0,
    "near_duplicate_of": None,
    "imputed_columns": "",
}


def orders(*changes: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([{**ORDER, **change} for change in changes], schema=ORDERS.schema)


def test_a_good_frame_passes() -> None:
    ORDERS.check(orders({}, {"line_number": 3}))


@pytest.mark.parametrize(
    ("column", "value", "rule", "example"),
    [
        ("order_id", None, "not null", None),
        ("quantity", 0, ">= 1", "0"),
        ("quantity", 1_000_000_001, "<= 1000000000", "1000000001"),
        ("unit_price", Decimal(0), "> 0", "0.0000"),
        ("currency", "gbp", "matches [A-Z]{3}", "gbp"),
        ("currency", "GBP\n", "matches [A-Z]{3}", "GBP\n"),
        ("line_number", 0, ">= 1", "0"),
        ("line_type", "gift", f"one of {', '.join(LINE_TYPES)}", "gift"),
        ("outlier_score", float("nan"), "finite", "NaN"),
        ("outlier_score", float("inf"), "finite", "inf"),
    ],
)
def test_a_bad_value_is_named(column: str, value: object, rule: str, example: str | None) -> None:
    with pytest.raises(ContractViolation) as caught:
        ORDERS.check(orders({}, {"line_number": 3, column: value}))
    violation = caught.value
    assert (violation.table, violation.column, violation.rule) == ("orders", column, rule)
    assert (violation.count, violation.example) == (1, example)


@pytest.mark.parametrize("year", [1989, 2100])
def test_a_date_outside_the_range_is_named(year: int) -> None:
    with pytest.raises(ContractViolation, match="ordered_at"):
        ORDERS.check(orders({"ordered_at": datetime(year, 6, 1, tzinfo=UTC)}))


def test_a_repeated_key_is_named() -> None:
    with pytest.raises(ContractViolation, match=r"key is unique violated in 1 rows"):
        ORDERS.check(orders({}, {}))


def test_columns_and_their_order_are_part_of_the_contract() -> None:
    frame = orders({})
    with pytest.raises(ContractViolation, match="missing \\['country'\\]"):
        ORDERS.check(frame.drop("country"))
    with pytest.raises(ContractViolation, match="extra \\['more'\\]"):
        ORDERS.check(frame.with_columns(more=1))
    with pytest.raises(ContractViolation, match="columns are"):
        ORDERS.check(frame.select(reversed(frame.columns)))


def test_a_wrong_type_is_named() -> None:
    frame = orders({}).with_columns(pl.col("unit_price").cast(pl.Float64))
    with pytest.raises(ContractViolation, match="unit_price: type is Decimal"):
        ORDERS.check(frame)


def test_a_list_column_gives_an_example_too() -> None:
    row = {"object_key": "k", "line_number": 1, "reasons": None, "explanations": [], "raw_text": ""}
    with pytest.raises(ContractViolation, match="reasons: not null"):
        QUARANTINE.check(pl.DataFrame([row], schema=QUARANTINE.schema))


def test_a_key_that_is_no_column_is_refused() -> None:
    with pytest.raises(ValueError, match="nowhere"):
        Table("t", "1.0", "", ORDERS.columns, key=("nowhere",))


def test_no_value_but_zero_is_nearer_to_zero_than_the_least() -> None:
    column = Column("x", pl.Float64(), "", minimum=-1.0, maximum=1.0, least=1e-3)
    frame = pl.DataFrame({"x": [0.0, -0.0, 1e-3, -1e-3, 9e-4, -1e-320]})
    (rule,) = (rule for rule in column.violations() if rule.startswith("0 or"))
    assert frame.select(column.violations()[rule]).to_series().to_list() == [False] * 4 + [True] * 2


def test_identifiers_are_texts_named_so_or_marked_as_codes() -> None:
    assert Column("order_id", pl.String(), "").is_identifier
    assert Column("postal_code", pl.String(), "", is_code=True).is_identifier
    assert not Column("line_id", pl.Int64(), "").is_identifier
    assert not Column("country", pl.String(), "").is_identifier
