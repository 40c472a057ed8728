"""A line that several objects have is there once, whatever else they say of it."""

from __future__ import annotations

import pytest

from data_plane.sql import Second
from datalake.contracts import prod
from datalake.contracts.prod import ProdTable


@pytest.mark.parametrize(
    "table", [prod.MERGED_ORDERS, prod.MERGED_RETURNS], ids=lambda table: table.name
)
def test_a_shop_agrees_with_sql(shop: Second, table: ProdTable) -> None:
    assert shop.count(table) > 10
    assert shop.differences(table) == []


@pytest.mark.parametrize("table", [prod.MERGED_TRANSACTIONS], ids=lambda table: table.name)
def test_payments_agrees_with_sql(payments: Second, table: ProdTable) -> None:
    assert payments.count(table) > 10
    assert payments.differences(table) == []


@pytest.mark.parametrize("table", [prod.MERGED_MARKET_SERIES], ids=lambda table: table.name)
def test_a_market_agrees_with_sql(market: Second, table: ProdTable) -> None:
    assert market.count(table) > 100
    assert market.differences(table) == []


@pytest.mark.parametrize("table", [prod.COUNTRY_YEARS], ids=lambda table: table.name)
def test_countries_agrees_with_sql(countries: Second, table: ProdTable) -> None:
    assert countries.count(table) == 150
    assert countries.differences(table) == []


@pytest.mark.parametrize(
    "table", [prod.MERGED_ORDERS, prod.MERGED_RETURNS], ids=lambda table: table.name
)
def test_online_retail_agrees_with_sql(online_retail: Second, table: ProdTable) -> None:
    assert online_retail.count(table) > 300
    assert online_retail.differences(table) == []
