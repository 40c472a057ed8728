"""The bounded state of a customer or a terminal, from which the features of later payments follow.

A history is a function of the set of its payments and labels: their order and repetition change
nothing. It keeps the newest payments, back to a number of days before the newest of all and up to a
number that bounds its bytes below the 400 kB of a DynamoDB item. Features are exact as long as
their windows lie within what is kept; beyond, counts stop growing. One payment dated years ahead
would push out all others: refuse such payments before they come here.
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from math import nan
from typing import ClassVar, Self

from compliance_guardian.fraud.payments import Payment

DAY = 86_400_000_000
"""Microseconds of a day."""

VERSION = 1
_HEAD = struct.Struct("<BII")
_LABEL = struct.Struct("<qQdB")
_VERDICT = struct.Struct("<q?")


class HistoryError(Exception):
    """The bytes are not those of a history of this version."""


@dataclass
class Label:
    """What investigations said of a payment: `verdicts` are (known at, is fraud) in this order."""

    at: int
    identity: int
    ratio: float
    """The amount in terms of the customer's typical amount; NaN where unknown."""
    verdicts: list[tuple[int, bool]] = field(default_factory=list)

    def is_fraud(self, now: int) -> bool:
        """Whether the newest verdict known at an instant says fraud."""
        is_fraud = False
        for known_at, verdict in self.verdicts:
            if known_at > now:
                break
            is_fraud = verdict
        return is_fraud


class History:
    """Payments in the order of time and identity, with the labels of some of them.

    `times` are in microseconds since 1970, one for each payment, beside `identities` and, where the
    history has them, `amounts` in ten-thousandths.
    """

    DAYS: ClassVar[int]
    MOST: ClassVar[int]
    MOST_LABELS: ClassVar[int] = 1_024
    MOST_VERDICTS: ClassVar[int] = 4
    HAS_AMOUNTS: ClassVar[bool]

    __slots__ = ("amounts", "identities", "labels", "times")

    def __init__(self) -> None:
        self.times = array("q")
        self.identities = array("Q")
        self.amounts = array("q")
        self.labels: list[Label] = []

    def __len__(self) -> int:
        return len(self.times)

    def position(self, payment: Payment) -> int | None:
        """Where the payment is, if it is here."""
        return self._position(payment.microseconds, payment.identity)

    def _position(self, at: int, identity: int) -> int | None:
        index = bisect_right(self.times, at) - 1
        while index >= 0 and self.times[index] == at:
            if self.identities[index] == identity:
                return index
            index -= 1
        return None

    def add(self, payment: Payment) -> bool:
        """Insert a payment at its time; False where it changes nothing: it is here, or too old."""
        return self._add(payment.microseconds, payment.identity, payment.amount)

    def _add(self, at: int, identity: int, amount: int) -> bool:
        times, identities = self.times, self.identities
        index = len(times)
        if index and at <= times[-1]:
            index = bisect_right(times, at)
            while index and times[index - 1] == at and identities[index - 1] >= identity:
                index -= 1
                if identities[index] == identity:
                    return False
            if at <= times[-1] - self.DAYS * DAY or (not index and len(times) >= self.MOST):
                return False
        times.insert(index, at)
        identities.insert(index, identity)
        if self.HAS_AMOUNTS:
            self.amounts.insert(index, amount)
        self._drop_oldest()
        return True

    def merge(self, other: Self) -> bool:
        """Take in what another history of the same customer or terminal holds, its ratios in place
        of one's own; False where that changes nothing."""
        before = self.to_bytes()
        amounts = other.amounts if self.HAS_AMOUNTS else other.times
        for at, identity, amount in zip(other.times, other.identities, amounts, strict=True):
            self._add(at, identity, amount)
        for label in other.labels:
            for verdict in label.verdicts:
                self._judge(label.at, label.identity, label.ratio, verdict)
        return self.to_bytes() != before

    def add_investigations(self, other: Self, label_days: int) -> None:
        """Take in what investigations said, by another history, of payments that both hold.

        Verdicts of `label_days` after a payment are the prod table's, which may take them back.
        """
        own = {_rank(label): label.ratio for label in self.labels}
        for label in other.labels:
            ratio = own.get(_rank(label), label.ratio)
            for verdict in label.verdicts:
                if verdict[0] != label.at + label_days * DAY:
                    self._judge(label.at, label.identity, ratio, verdict)

    def _label(self, payment: Payment, is_fraud: bool, known_at: datetime, ratio: float) -> None:
        self.add(payment)
        since = known_at - payment.at
        known = (
            payment.microseconds
            + (since.days * 86_400 + since.seconds) * 1_000_000
            + since.microseconds
        )
        self._judge(payment.microseconds, payment.identity, ratio, (known, is_fraud))

    def _judge(self, at: int, identity: int, ratio: float, verdict: tuple[int, bool]) -> None:
        if self._position(at, identity) is None:
            return
        label = Label(at, identity, ratio)
        index = bisect_left(self.labels, _rank(label), key=_rank)
        if index < len(self.labels) and _rank(self.labels[index]) == _rank(label):
            label = self.labels[index]
            label.ratio = ratio
        else:
            self.labels.insert(index, label)
            del self.labels[: max(0, len(self.labels) - self.MOST_LABELS)]
        if verdict not in label.verdicts:
            insort(label.verdicts, verdict)
            del label.verdicts[: max(0, len(label.verdicts) - self.MOST_VERDICTS)]

    def _drop_oldest(self) -> None:
        times = self.times
        if times[0] > times[-1] - self.DAYS * DAY and len(times) <= self.MOST:
            return
        oldest = max(bisect_right(times, times[-1] - self.DAYS * DAY), len(times) - self.MOST)
        del times[:oldest], self.identities[:oldest], self.amounts[:oldest]
        first = (times[0], self.identities[0])
        del self.labels[: bisect_left(self.labels, first, key=_rank)]

    def frauds(self, now: int) -> list[Label]:
        """The labels of payments up to an instant that were known then to be fraud."""
        return [label for label in self.labels if label.at <= now and label.is_fraud(now)]

    def to_bytes(self) -> bytes:
        """The history for a store, at most 400 kB."""
        parts = [_HEAD.pack(VERSION, len(self.times), len(self.labels))]
        parts += [column.tobytes() for column in self._columns()]
        for label in self.labels:
            parts.append(_LABEL.pack(label.at, label.identity, label.ratio, len(label.verdicts)))
            parts += [_VERDICT.pack(*verdict) for verdict in label.verdicts]
        return b"".join(parts)

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """The history that was stored. Raises HistoryError."""
        history = cls()
        try:
            version, payments, labels = _HEAD.unpack_from(content)
            if version != VERSION:
                raise HistoryError(
                    f"the history has version {version}, this code reads {VERSION}; "
                    "let the batch build it again"
                )
            offset = _HEAD.size
            for column in history._columns():
                end = offset + payments * column.itemsize
                column.frombytes(content[offset:end])
                offset = end
            for _ in range(labels):
                at, identity, ratio, verdicts = _LABEL.unpack_from(content, offset)
                offset += _LABEL.size
                end = offset + verdicts * _VERDICT.size
                found = list(_VERDICT.iter_unpack(content[offset:end]))
                history.labels.append(Label(at, identity, ratio, found))
                offset = end
        except (struct.error, ValueError) as error:
            raise HistoryError(f"the history is cut or damaged: {error}") from error
        if offset != len(content) or any(len(c) != payments for c in history._columns()):
            raise HistoryError(f"the history has {len(content)} bytes where {offset} are expected")
        return history

    def _columns(self) -> Iterator[array[int]]:
        yield self.times
        yield self.identities
        if self.HAS_AMOUNTS:
            yield self.amounts


class CustomerHistory(History):
    """What a customer paid in one currency (`Payment.account`), with amounts."""

    DAYS = 120
    MOST = 4_096
    HAS_AMOUNTS = True

    __slots__ = ()

    def add_label(self, payment: Payment, is_fraud: bool, known_at: datetime) -> None:
        """Say what an investigation found, and when; the newest one counts from then on."""
        self._label(payment, is_fraud, known_at, nan)


class TerminalHistory(History):
    """Payments at a terminal (`Payment.terminal`): when, and which were fraud."""

    DAYS = 90
    MOST = 16_384
    HAS_AMOUNTS = False

    __slots__ = ()

    def add_label(self, payment: Payment, is_fraud: bool, known_at: datetime, ratio: float) -> None:
        """Say what an investigation found, and when; the newest one counts from then on.

        `ratio` is the amount in terms of the customer's typical amount (`features.amount_ratio`):
        a fraud by a usual amount speaks against the terminal, by a great one against the card.
        """
        self._label(payment, is_fraud, known_at, ratio)


def _rank(label: Label) -> tuple[int, int]:
    return label.at, label.identity
