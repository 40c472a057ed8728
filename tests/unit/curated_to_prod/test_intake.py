"""What objects contribute is what their reports say, whatever was there before."""

from __future__ import annotations

import json

import pytest

from curated_to_prod.service import Status, UnsettledError
from data_plane.curated_objects import report_key
from data_plane.small_shop import FEBRUARY, JANUARY, line, process, put, result_of, sales, state
from datalake.contracts.prod import MERGED_ORDERS
from datalake.layout import contributions_prefix, periods_key
from datalake.memory import MemoryStorage


def test_a_file_that_does_not_match_its_report_waits(storage: MemoryStorage) -> None:
    process(storage, put(storage, "jan", JANUARY))
    before = state(storage)
    key = put(storage, "feb", FEBRUARY)
    file = "orders/source=shop/object=feb/part-0.parquet"
    body = storage.get("curated", file).body
    storage.write("curated", file, b"half of a new version")
    with pytest.raises(UnsettledError, match="has the hash"):
        process(storage, key)
    assert {k: state(storage)[k] for k in before if "merged_orders" in k} == {
        k: v for k, v in before.items() if "merged_orders" in k
    }
    storage.write("curated", file, body)
    process(storage, key)
    assert state(storage) == result_of(("jan", JANUARY), ("feb", FEBRUARY))


def test_the_periods_that_an_object_ever_had_are_remembered(storage: MemoryStorage) -> None:
    key = periods_key("shop", "x")
    process(storage, put(storage, "x", JANUARY))
    assert json.loads(storage.get("prod", key).body) == {"merged_orders": ["2011-01"]}
    process(storage, put(storage, "x", sales([line("1", "A", "2011-03-01")])))
    assert json.loads(storage.get("prod", key).body) == {"merged_orders": ["2011-01", "2011-03"]}
    process(storage, put(storage, "x", sales([])))
    assert state(storage) == {}


def test_only_months_with_rows_are_touched(storage: MemoryStorage) -> None:
    lines = [line("1", "A", "1990-01-01"), line("2", "A", "2099-12-31")]
    process(storage, put(storage, "x", sales(lines)))
    found = list(storage.keys("prod", contributions_prefix(MERGED_ORDERS, "shop")))
    assert [key.rpartition("month=")[2][:7] for key in found] == ["1990-01", "2099-12"]


def test_a_second_delivery_writes_no_contributions(storage: MemoryStorage) -> None:
    key = put(storage, "jan", JANUARY)
    process(storage, key)
    before = storage.snapshot()
    assert process(storage, key, report_key("shop", "gone")).status is Status.UNCHANGED
    assert storage.snapshot() == before


@pytest.mark.parametrize("table", ["merged_orders", "merged_returns", ""])
def test_lost_contributions_are_taken_in_again(storage: MemoryStorage, table: str) -> None:
    """Without them the next object of a month would leave the others' rows out of it."""
    objects = [("jan", JANUARY), ("feb", FEBRUARY), ("late", sales([line("6", "N", "2011-02-20")]))]
    for name, tables in objects[:2]:
        process(storage, put(storage, name, tables))
    for key in list(storage.keys("prod", f"_index/{table}")):
        storage.remove("prod", key)
    process(storage, put(storage, *objects[2]))
    assert state(storage) == result_of(*objects)
    for name, _ in objects:
        process(storage, report_key("shop", name))
    assert state(storage) == result_of(*objects)
