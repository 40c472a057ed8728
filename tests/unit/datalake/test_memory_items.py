from __future__ import annotations

import pytest

from datalake.items import Item, ItemChangedError, Key
from datalake.memory_items import MemoryItems


@pytest.fixture
def store() -> MemoryItems:
    store = MemoryItems()
    for partition, sort in [("a", "1"), ("a", "2"), ("a", "3"), ("b", "1")]:
        store.put(Item(Key(partition, sort), {"at": sort}))
    return store


def test_only_items_that_are_there_are_found(store: MemoryItems) -> None:
    found = store.get([Key("a", "1"), Key("c", "1")])

    assert found == {Key("a", "1"): Item(Key("a", "1"), {"at": "1"}, 1)}


def test_a_partition_is_read_in_order_both_ways(store: MemoryItems) -> None:
    assert [item.key.sort for item in store.query("a")] == ["1", "2", "3"]
    assert [item.key.sort for item in store.query("a", "2", descending=True)] == ["3", "2"]
    assert [item.key.sort for item in store.query("a", last="2")] == ["1", "2"]


@pytest.mark.parametrize("version", [0, 2])
def test_another_version_is_not_overwritten_or_deleted(store: MemoryItems, version: int) -> None:
    item = Item(Key("a", "1"), {}, version)

    for write in (store.put, store.delete):
        with pytest.raises(ItemChangedError):
            write(item)

    assert store.get([item.key])[item.key].attributes == {"at": "1"}


def test_the_version_that_was_read_is_deleted(store: MemoryItems) -> None:
    [item] = store.query("b")
    store.delete(item)

    assert list(store.query("b")) == []
