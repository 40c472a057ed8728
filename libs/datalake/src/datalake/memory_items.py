"""`ItemStore` in memory, for tests and local work."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from datalake.items import Item, ItemChangedError, Key


class MemoryItems:
    """A table in a dictionary, with DynamoDB's semantics of conditional writes."""

    def __init__(self) -> None:
        self._items: dict[Key, Item] = {}

    def get(self, keys: Collection[Key]) -> dict[Key, Item]:
        """See ItemStore.get."""
        return {key: self._items[key] for key in keys if key in self._items}

    def query(
        self, partition: str, first: str = " ", last: str = "~", *, descending: bool = False
    ) -> Iterator[Item]:
        """See ItemStore.query."""
        for key in sorted(self._items, reverse=descending):
            if key.partition == partition and first <= key.sort <= last:
                yield self._items[key]

    def put(self, item: Item) -> None:
        """See ItemStore.put."""
        self._check(item)
        self._items[item.key] = replace(item, version=item.version + 1)

    def delete(self, item: Item) -> None:
        """See ItemStore.delete."""
        self._check(item)
        del self._items[item.key]

    def _check(self, item: Item) -> None:
        found = self._items.get(item.key)
        if (found.version if found else 0) != item.version:
            raise ItemChangedError(f"version {item.version} is not the current one")
