"""A storage that stops the function, as a crash or the end of its time would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from datalake.memory import MemoryStorage
from datalake.storage import OpenObject


class Stopped(BaseException):
    """The function was stopped here. No except clause for errors catches it."""


class Faulty:
    """A storage that stops the function at one of its calls, before or after it takes effect.

    Reading a piece of an opened object is a call too. Calls are numbered from 1.
    """

    def __init__(self, storage: MemoryStorage, stop_at: int = 0, *, after: bool = False) -> None:
        self.storage = storage
        self.stop_at = stop_at
        self.after = after
        self.calls: list[str] = []

    def _call(self, name: str, effect: Callable[[], Any]) -> Any:
        self.calls.append(name)
        stops = len(self.calls) == self.stop_at
        if stops and not self.after:
            raise Stopped
        result = effect()
        if stops:
            raise Stopped
        return result

    def head(self, *arguments: Any, **options: Any) -> Any:
        return self._call("head", lambda: self.storage.head(*arguments, **options))

    def get(self, *arguments: Any, **options: Any) -> Any:
        return self._call("get", lambda: self.storage.get(*arguments, **options))

    def keys(self, *arguments: Any) -> Any:
        return self._call("keys", lambda: self.storage.keys(*arguments))

    def put(self, *arguments: Any, **options: Any) -> None:
        self._call("put", lambda: self.storage.put(*arguments, **options))

    def delete(self, *arguments: Any, **options: Any) -> None:
        self._call("delete", lambda: self.storage.delete(*arguments, **options))

    @contextmanager
    def open(self, *arguments: Any, **options: Any) -> Iterator[OpenObject]:
        with self.storage.open(*arguments, **options) as opened:
            stream = opened.stream
            reader = SimpleNamespace(
                read=lambda size: self._call("read", lambda: stream.read(size))
            )
            yield self._call("open", lambda: OpenObject(reader, opened.info))
