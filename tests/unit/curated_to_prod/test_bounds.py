"""What curated tables admit can be published, grows by a stated factor, and costs a stated number
of calls."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_plane.curated_objects import frame
from data_plane.extremes import tables
from data_plane.small_shop import Tables, line, process, put, sales
from datalake.contracts.curated import (
    COUNTRY_INDICATORS,
    MARKET_SERIES,
    ORDERS,
    RETURNS,
    TRANSACTIONS,
)
from datalake.contracts.prod import COPILOT_FACTS, CUSTOMER_HISTORIES, PROD_TABLES
from datalake.files import decode
from datalake.layout import is_manifest, partition_of
from datalake.memory import MemoryStorage
from datalake.storage import ObjectInfo, StoredObject

TABLES = (*PROD_TABLES, CUSTOMER_HISTORIES)
SOURCES = {
    "shop": (ORDERS, RETURNS),
    "payments": (TRANSACTIONS,),
    "market": (MARKET_SERIES,),
    "countries": (COUNTRY_INDICATORS,),
}


def assert_bounded(storage: MemoryStorage, tables: Tables) -> None:
    """Every product has at most `growth` rows, and partitions, for a curated row."""
    curated = sum(rows.height for rows in tables.values())
    rows, partitions = Counter[str](), Counter[str]()
    for key in storage.keys("prod"):
        partition = partition_of(key, TABLES)
        if partition and not is_manifest(key):
            rows[partition.table.name] += int(storage.get("prod", key).info.metadata["rows"])
            partitions[partition.table.name] += 1
    for table in TABLES:
        most = table.growth * curated
        assert rows[table.name] <= most, table.name
        assert partitions[table.name] <= most, table.name


@pytest.mark.parametrize("kind", SOURCES)
@settings(max_examples=5, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_the_contracts_admit_is_published(kind: str, data: st.DataObject) -> None:
    storage = MemoryStorage()
    admitted = {table.name: data.draw(tables(table, 8)) for table in SOURCES[kind]}
    process(storage, put(storage, "x", admitted))
    assert_bounded(storage, admitted)


FAR_APART = ["1990-01-01", "1996-02-29", "2011-05-31", "2096-02-29", "2099-12-31T23:59:59"]


@pytest.mark.parametrize("when", [FAR_APART[:1], FAR_APART[-1:], FAR_APART], ids=len)
def test_a_mistyped_date_makes_no_more_than_its_factor(when: list[str]) -> None:
    storage = MemoryStorage()
    shop = sales(
        [line(str(n), f"P{n}", day, customer_id=str(n)) for n, day in enumerate(when)],
        [line(f"C{n}", f"P{n}", day, customer_id=str(n)) for n, day in enumerate(when)],
    )
    process(storage, put(storage, "x", shop))
    assert_bounded(storage, shop)


def test_a_market_of_many_series_that_trade_once_grows_by_its_factor() -> None:
    """A row for each pair of series and day would be 90,000."""
    days = [date(2020, 1, 1) + timedelta(days=number) for number in range(300)]
    rows = [
        {
            **dict.fromkeys(("open", "high", "low", "adjusted_value", "volume")),
            "series_id": f"S{number}",
            "observed_on": day,
            "value": 1.0,
            "unit": "USD",
            "frequency": "daily",
        }
        for number, day in enumerate(days)
    ]
    storage = MemoryStorage()
    market = {MARKET_SERIES.name: frame(MARKET_SERIES, rows)}
    process(storage, put(storage, "x", market))
    assert_bounded(storage, market)


def test_the_facts_are_of_five_years_and_read_no_more() -> None:
    storage = MemoryStorage()
    days = ["2001-01-15", "2006-01-15", "2006-02-15", "2011-01-15"]
    lines = [line(f"{n}", f"P{n}", day, customer_id=f"{n}") for n, day in enumerate(days)]
    process(storage, put(storage, "x", sales(lines)))
    body = storage.get("prod", "copilot_facts/source=shop/part-0.jsonl").body
    facts = decode(COPILOT_FACTS, body)
    months = facts.filter(pl.col("dimension") == "month")["member"].unique().sort()
    assert months.to_list() == ["2006-02", "2011-01"]
    total = {row["metric"]: row for row in facts.to_dicts() if row["dimension"] == "total"}
    assert {name: total[name]["value"] for name in ("orders", "customers", "products")} == (
        dict.fromkeys(("orders", "customers", "products"), 2.0)
    )
    assert {row["first_day"] for row in total.values()} == {date(2006, 2, 15)}
    manifest = json.loads(storage.get("prod", "copilot_facts/source=shop/_manifest.json").body)
    assert len(manifest["inputs"]) == 6


class Counted(MemoryStorage):
    """Counts calls, and bytes read and written."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = Counter[str]()

    def head(self, bucket: str, key: str, **options: Any) -> ObjectInfo | None:
        self.calls["head"] += 1
        return MemoryStorage.head(self, bucket, key, **options)

    def get(self, bucket: str, key: str, **options: Any) -> StoredObject:
        self.calls["get"] += 1
        return MemoryStorage.get(self, bucket, key, **options)

    def etags(self, bucket: str, prefix: str) -> dict[str, str]:
        self.calls["list"] += 1
        return MemoryStorage.etags(self, bucket, prefix)

    def put(self, bucket: str, key: str, body: bytes, **options: Any) -> str:
        self.calls["put"] += 1
        return self.write(bucket, key, body, options["metadata"]).etag


def twelve_months(name: str) -> Tables:
    lines = [
        line(f"{name}{month}", f"P{month % 3}", f"2011-{month:02d}-15", customer_id=f"{month % 4}")
        for month in range(1, 13)
    ]
    return sales(lines, [{**entry, "order_id": f"C{entry['order_id']}"} for entry in lines])


def test_an_object_costs_three_calls_a_partition_however_many_there_are() -> None:
    storage = Counted()
    costs = []
    for number in range(4):
        key = put(storage, f"o{number}", twelve_months(f"{number}-"))
        storage.calls.clear()
        outcome = process(storage, key)
        assert storage.calls.total() <= 3 * len(outcome.written) + 10
        costs.append(storage.calls)
    assert costs[1] == costs[2] == costs[3]


def test_a_month_costs_the_same_however_many_objects_it_has() -> None:
    storage = Counted()
    costs = []
    for number in range(6):
        month = sales([line(f"{number}-{n}", "A", "2011-03-15") for n in range(5)])
        key = put(storage, f"o{number}", month)
        storage.calls.clear()
        process(storage, key)
        costs.append(storage.calls)
    assert costs[1] == costs[5]
