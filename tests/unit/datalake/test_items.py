"""Changes of items by writers that do not know of each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from datalake.items import Item, ItemChangedError, Key, change
from datalake.memory_items import MemoryItems

KEY = Key("a", "1")


def raised(item: Item) -> Item:
    return replace(item, attributes={"count": int(item.attributes.get("count") or 0) + 1})


def stored(store: MemoryItems) -> Item:
    return store.get([KEY])[KEY]


def test_two_writers_who_read_the_same_lose_nothing() -> None:
    store = MemoryItems()
    change(store, Item(KEY), raised)
    before = stored(store)

    change(store, before, raised)
    change(store, before, raised)

    assert stored(store) == Item(KEY, {"count": 3}, 3)


def test_an_item_that_was_deleted_meanwhile_is_made_again() -> None:
    store = MemoryItems()
    change(store, Item(KEY), raised)
    before = stored(store)
    store.delete(before)

    change(store, before, raised)

    assert stored(store).attributes == {"count": 1}


def test_nothing_is_written_where_nothing_changes() -> None:
    store = MemoryItems()

    assert change(store, Item(KEY), lambda _: None) == Item(KEY)
    assert store.get([KEY]) == {}


def test_who_is_always_outrun_gives_up() -> None:
    class Busy(MemoryItems):
        def put(self, item: Item) -> None:
            raise ItemChangedError(str(item.version))

    with pytest.raises(ItemChangedError, match="10 times in a row"):
        change(Busy(), Item(KEY), raised)
