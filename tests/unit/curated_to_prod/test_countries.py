"""Figures of countries agree with an independent computation."""

from __future__ import annotations

import pytest

from data_plane.sql import Second
from datalake.contracts import prod
from datalake.contracts.prod import ProdTable


@pytest.mark.parametrize("table", [prod.COUNTRY_MONTHS], ids=lambda table: table.name)
def test_a_shop_agrees_with_sql(shop: Second, table: ProdTable) -> None:
    assert shop.count(table) > 10
    assert shop.differences(table) == []


@pytest.mark.parametrize("table", [prod.COUNTRY_MONTHS], ids=lambda table: table.name)
def test_online_retail_agrees_with_sql(online_retail: Second, table: ProdTable) -> None:
    assert online_retail.count(table) > 50
    assert online_retail.differences(table) == []
