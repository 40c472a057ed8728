"""The histories of customers and terminals in a table: the batch keeps them, requests read them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from typing import TypeVar

from compliance_guardian.fraud.features import LABEL_DAYS
from compliance_guardian.fraud.history import (
    CustomerHistory,
    History,
    HistoryError,
    TerminalHistory,
)
from compliance_guardian.fraud.names import customer_key, terminal_key
from compliance_guardian.fraud.payments import Payment
from compliance_guardian.fraud.replay import Replay
from datalake.items import Item, ItemStore, Key, change
from datalake.parallel import Together, one_by_one

H = TypeVar("H", bound=History)

_BYTES = "history"
# A chunk is held in memory, a few kilobytes for each history.
_CHUNK = 2_000


class HistoryTable:
    """Histories by customer and by terminal. `together` makes writes that are independent."""

    def __init__(self, items: ItemStore, together: Together = one_by_one) -> None:
        self._items = items
        self._together = together

    def read(self, payments: Collection[Payment]) -> Replay:
        """A replay that begins with what is known of the payments' customers and terminals.

        A history that another version of the code wrote counts as unknown, until the batch writes
        it again.
        """
        accounts = {customer_key(payment.account): payment.account for payment in payments}
        terminals = {
            terminal_key(payment.terminal): payment.terminal
            for payment in payments
            if payment.terminal is not None
        }
        found = self._items.get([*accounts, *terminals])
        replay = Replay()
        for key, account in accounts.items():
            if history := _history(CustomerHistory, found.get(key)):
                replay.customers[account] = history
        for key, terminal in terminals.items():
            if known := _history(TerminalHistory, found.get(key)):
                replay.terminals[terminal] = known
        return replay

    def merge(self, replay: Replay) -> int:
        """Add all that a replay has seen to what is known; returns how many histories changed.

        Repeated, in any order and by several writers at a time it leaves the same histories.
        """
        return self._write(replay, _merged)

    def replace(self, replay: Replay) -> int:
        """Have the histories be those of a replay; returns how many changed.

        So what the replay no longer sees is gone. What requests say meanwhile of investigations
        stays. Customers and terminals that the replay has not seen keep their histories.
        """
        return self._write(replay, _replaced)

    def _write(self, replay: Replay, combine: Callable[[History | None, History], History]) -> int:
        seen: dict[Key, History] = {
            **{customer_key(account): history for account, history in replay.customers.items()},
            **{terminal_key(terminal): history for terminal, history in replay.terminals.items()},
        }
        written = 0
        keys = list(seen)
        for start in range(0, len(keys), _CHUNK):
            chunk = keys[start : start + _CHUNK]
            current = self._items.get(chunk)
            tasks = [
                partial(self._update, current.get(key, Item(key)), seen[key], combine)
                for key in chunk
            ]
            written += sum(self._together(tasks))
        return written

    def _update(
        self, item: Item, seen: History, combine: Callable[[History | None, History], History]
    ) -> bool:
        def combined(current: Item) -> Item | None:
            content = combine(_history(type(seen), current), seen).to_bytes()
            is_same = current.attributes.get(_BYTES) == content
            return None if is_same else replace(current, attributes={_BYTES: content})

        return change(self._items, item, combined) is not item


def _merged(stored: History | None, seen: History) -> History:
    history = stored or type(seen)()
    history.merge(seen)
    return history


def _replaced(stored: History | None, seen: History) -> History:
    if stored:
        seen.add_investigations(stored, LABEL_DAYS)
    return seen


def _history(kind: type[H], item: Item | None) -> H | None:
    content = item.attributes.get(_BYTES) if item else None
    if not isinstance(content, bytes):
        return None
    try:
        return kind.from_bytes(content)
    except HistoryError:
        return None
