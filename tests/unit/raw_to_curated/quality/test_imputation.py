from __future__ import annotations

from data_plane.shop_lines import lines
from raw_to_curated.quality import assess
from raw_to_curated.quality.rules import QualityRules


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
