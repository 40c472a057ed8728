"""Market series agree with an independent computation."""

from __future__ import annotations

import pytest

from data_plane.sql import Second
from datalake.contracts import prod
from datalake.contracts.prod import ProdTable


@pytest.mark.parametrize("table", [prod.MARKET_PANEL], ids=lambda table: table.name)
def test_a_market_agrees_with_sql(market: Second, table: ProdTable) -> None:
    assert market.count(table) > 100
    assert market.differences(table) == []
