from __future__ import annotations

import pytest

from data_plane.shop_lines import lines
from datalake.contracts.curated import LINE_TYPES
from raw_to_curated.quality import assess
from raw_to_curated.quality.rules import COMMON, ONLINE_RETAIL, QualityRules


def test_a_source_declares_numbers_that_are_services() -> None:
    orders, _ = assess(lines({"product_id": "23444"}), None, rules=ONLINE_RETAIL)
    assert orders["line_type"].to_list() == ["postage"]


def test_rules_name_only_line_types_of_the_contract() -> None:
    assert set(COMMON.codes) <= set(LINE_TYPES)
    with pytest.raises(ValueError, match="postag"):
        QualityRules(codes={"postag": ("POST",)})
