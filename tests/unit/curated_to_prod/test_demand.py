"""Demand agrees with an independent computation."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from data_plane.small_shop import line, process, put, rows, sales
from data_plane.sql import Second
from datalake.contracts import prod
from datalake.contracts.prod import ProdTable
from datalake.layout import is_manifest
from datalake.memory import MemoryStorage


@pytest.mark.parametrize(
    "table",
    [prod.PRODUCT_MONTHS, prod.DEMAND_DAILY, prod.DEMAND_WEEKLY],
    ids=lambda table: table.name,
)
def test_a_shop_agrees_with_sql(shop: Second, table: ProdTable) -> None:
    assert shop.count(table) > 10
    assert shop.differences(table) == []


@pytest.mark.parametrize(
    "table",
    [prod.PRODUCT_MONTHS, prod.DEMAND_DAILY, prod.DEMAND_WEEKLY],
    ids=lambda table: table.name,
)
def test_online_retail_agrees_with_sql(online_retail: Second, table: ProdTable) -> None:
    assert online_retail.count(table) > 300
    assert online_retail.differences(table) == []


def test_a_difference_is_found(shop: Second) -> None:
    only = "NOT (product_id = 'A' AND day = DATE '2011-01-05')"
    assert len(shop.differences(prod.DEMAND_DAILY, only=only)) == 1


def days_of(storage: MemoryStorage, product: str) -> list[date]:
    prefix = "demand_daily/source=shop/"
    keys = [key for key in storage.keys("prod", prefix) if not is_manifest(key)]
    months = pl.concat([rows(storage, key) for key in keys])
    return months.filter(pl.col("product_id") == product)["day"].to_list()


@pytest.mark.parametrize("together", [True, False])
def test_a_product_is_offered_for_400_days_after_a_sale(
    storage: MemoryStorage, together: bool
) -> None:
    sold = ["2011-01-05", "2011-01-20", "2012-05-31"]
    lines = [line(f"{n}", "A", day) for n, day in enumerate(sold)]
    lines.append(line("9", "B", "2013-12-31"))
    parts = [lines] if together else [[entry] for entry in reversed(lines)]
    for number, part in enumerate(parts):
        process(storage, put(storage, f"o{number}", sales(part)))
    offered = {date.fromisoformat(day) + timedelta(days=age) for day in sold for age in range(401)}
    assert days_of(storage, "A") == sorted(offered)
    assert days_of(storage, "B") == [date(2013, 12, 31)]


def test_a_product_of_before_the_last_day_of_the_source_is_offered_up_to_it(
    storage: MemoryStorage,
) -> None:
    lines = [line("1", "A", "2011-01-30"), line("2", "B", "2011-03-02")]
    process(storage, put(storage, "x", sales(lines)))
    assert days_of(storage, "A")[-1] == date(2011, 3, 2)
    process(storage, put(storage, "x", sales(lines[:1])))
    assert days_of(storage, "A") == [date(2011, 1, 30)]
