"""A storage that stops the function, as a crash or the end of its time would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import pytest

from datalake.items import Item
from datalake.memory import MemoryStorage
from datalake.memory_items import MemoryItems
from datalake.storage import OpenObject


class Stopped(BaseException):
    """The function was stopped here. No except clause for errors catches it."""


class Faulty:
    """A storage that stops the function after one of its calls, which are numbered from 1.

    Reading a piece of an opened object is a call too.
    """

    def __init__(self, storage: MemoryStorage, stop_at: int = 0) -> None:
        self.storage = storage
        self.stop_at = stop_at
        self.calls: list[str] = []

    def call(self, name: str, effect: Callable[[], Any]) -> Any:
        """Do something that counts as a call, and stop if it is the one to stop at."""
        self.calls.append(name)
        number = len(self.calls)
        try:
            return effect()
        finally:
            if number == self.stop_at:
                raise Stopped

    def head(self, *arguments: Any, **options: Any) -> Any:
        return self.call("head", lambda: self.storage.head(*arguments, **options))

    def get(self, *arguments: Any, **options: Any) -> Any:
        return self.call("get", lambda: self.storage.get(*arguments, **options))

    def keys(self, *arguments: Any) -> Any:
        return self.call("keys", lambda: self.storage.keys(*arguments))

    def etags(self, *arguments: Any) -> Any:
        return self.call("etags", lambda: self.storage.etags(*arguments))

    def put(self, *arguments: Any, **options: Any) -> Any:
        return self.call("put", lambda: self.storage.put(*arguments, **options))

    def delete(self, *arguments: Any, **options: Any) -> None:
        self.call("delete", lambda: self.storage.delete(*arguments, **options))

    @contextmanager
    def open(self, *arguments: Any, **options: Any) -> Iterator[OpenObject]:
        with self.storage.open(*arguments, **options) as opened:
            stream = opened.stream
            reader = SimpleNamespace(read=lambda size: self.call("read", lambda: stream.read(size)))
            yield self.call("open", lambda: OpenObject(reader, opened.info))


class FaultyItems:
    """A table whose calls are numbered among those of a storage."""

    def __init__(self, items: MemoryItems, faulty: Faulty) -> None:
        self.items = items
        self.faulty = faulty

    def get(self, *arguments: Any) -> Any:
        return self.faulty.call("get", lambda: self.items.get(*arguments))

    def query(self, *arguments: Any, **options: Any) -> Any:
        return self.faulty.call("query", lambda: self.items.query(*arguments, **options))

    def put(self, item: Item) -> None:
        self.faulty.call("put", lambda: self.items.put(item))

    def delete(self, item: Item) -> None:
        self.faulty.call("delete", lambda: self.items.delete(item))


ALL_CALLS = ("head", "open", "read", "put", "get", "keys", "delete")


def stopped(
    begin: MemoryStorage, run: Callable[[Faulty], object], calls: tuple[str, ...] = ALL_CALLS
) -> Iterator[tuple[str, MemoryStorage]]:
    """Stop `run` on a copy of `begin` after each of its calls.

    A stop before a call leaves what a stop after the call before it leaves. Yields every different
    state that is left, after the number and name of the first call that leaves it: what comes next
    depends on nothing else. `calls` are the kinds that `run` makes.
    """
    counted = Faulty(deepcopy(begin))
    run(counted)
    assert set(calls) == set(counted.calls)
    seen = []
    for number, name in enumerate(counted.calls, 1):
        storage = deepcopy(begin)
        with pytest.raises(Stopped):
            run(Faulty(storage, number))
        if storage.snapshot() not in seen:
            seen.append(storage.snapshot())
            yield f"{number} {name}", storage
