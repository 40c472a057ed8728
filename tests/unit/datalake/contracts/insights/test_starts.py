from __future__ import annotations

from datalake.contracts.insights import PRODUCT_STARTS
from datalake.contracts.insights.starts import START_WEEKS


def test_each_first_week_has_a_column() -> None:
    assert {f"week_{week}" for week in range(1, START_WEEKS + 1)} <= set(PRODUCT_STARTS.schema)
