from __future__ import annotations

from datalake.contracts.insights import STOCK_DEMAND
from datalake.contracts.insights.demand import quantile_name
from datalake.contracts.insights.stock import STOCK_LEVELS


def test_each_level_has_a_column_of_its_own() -> None:
    names = [quantile_name(level) for level in STOCK_LEVELS]
    assert len(set(names)) == len(names)
    assert set(names) <= set(STOCK_DEMAND.schema)
