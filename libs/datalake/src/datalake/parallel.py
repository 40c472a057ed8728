"""Independent calls of a storage, at the same time: most of their time is waiting for S3."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

T = TypeVar("T")

# A boto3 client has ten connections.
_THREADS = 8


class Together(Protocol):
    """Does tasks that do not depend on each other, and answers with their results in order.

    All have ended when it returns or raises; it raises the error of the first task that failed.
    """

    def __call__(self, tasks: Iterable[Callable[[], T]], /) -> list[T]: ...


def one_by_one(tasks: Iterable[Callable[[], T]], /) -> list[T]:
    """One after the other, up to the first that fails: for storages without waiting."""
    return [task() for task in tasks]


def at_once(tasks: Iterable[Callable[[], T]], /) -> list[T]:
    """In up to eight threads. A task after one that failed is done all the same."""
    with ThreadPoolExecutor(_THREADS) as pool:
        futures = [pool.submit(task) for task in tasks]
    return [future.result() for future in futures]
