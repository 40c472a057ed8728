"""Items of tables as the domain sees them: small states, written only where nobody else wrote.

Every item has a version, which each write raises. A writer names the version that it has read, so
that of two writers the second is refused, and starts again from what is there then. `DynamoItems`
(datalake.dynamodb) and `MemoryItems` (datalake.memory_items) implement the protocol alike.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol, TypeAlias, TypeVar

Value: TypeAlias = str | bytes | int | float | bool | None
T = TypeVar("T")

# A lost race is repeated at once, because the winner's write is already visible.
_ATTEMPTS = 10


class Key(NamedTuple):
    """What names an item: printable ASCII, at most 1,024 characters of `sort`."""

    partition: str
    sort: str


@dataclass(frozen=True)
class Item:
    """An item of a table; `version` is 0 until it is written for the first time."""

    key: Key
    attributes: Mapping[str, Value] = field(default_factory=dict)
    version: int = 0


class ItemChangedError(Exception):
    """Another writer changed the item since it was read; nothing was written."""


class ItemStore(Protocol):
    """A table of items."""

    def get(self, keys: Collection[Key]) -> dict[Key, Item]:
        """Those of the items that are there, as of now."""

    def query(
        self, partition: str, first: str = " ", last: str = "~", *, descending: bool = False
    ) -> Iterator[Item]:
        """The items of a partition from `first` to `last`, both inclusive, in the order of keys."""

    def put(self, item: Item) -> None:
        """Write over the version that was read. Raises ItemChangedError."""

    def delete(self, item: Item) -> None:
        """Delete the version that was read. Raises ItemChangedError."""


def change(store: ItemStore, item: Item, changed: Callable[[Item], Item | None]) -> Item:
    """Write what `changed` makes of an item; if another writer was faster, of what is there then.

    `changed` returns None to leave the item as it is. Returns the item as it is afterwards; its
    version is the one that was read. Raises ItemChangedError if it is outrun again and again.
    """
    for _ in range(_ATTEMPTS):
        wanted = changed(item)
        if wanted is None:
            return item
        try:
            store.put(wanted)
        except ItemChangedError:
            item = store.get([item.key]).get(item.key, Item(item.key))
            continue
        return wanted
    raise ItemChangedError(f"other writers were faster {_ATTEMPTS} times in a row")
