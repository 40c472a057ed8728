"""Features of many payments, as they would have been at the time of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count, groupby
from typing import TypeAlias

from compliance_guardian.fraud.features import LABEL_DAYS, add_label, features
from compliance_guardian.fraud.history import CustomerHistory, TerminalHistory
from compliance_guardian.fraud.payments import Payment

_DELAY = timedelta(days=LABEL_DAYS)

Verdicts: TypeAlias = Mapping[int, Sequence[tuple[datetime, bool]]]
"""By identity of a payment: when it was investigated, and whether it was found to be fraud."""


class Replay:
    """Histories of all customers and terminals, brought forward payment by payment.

    `verdicts` are those of investigations, beside the labels that the payments bring.
    """

    def __init__(self, verdicts: Verdicts | None = None) -> None:
        self.customers: dict[tuple[str, str, str], CustomerHistory] = {}
        self.terminals: dict[tuple[str, str], TerminalHistory] = {}
        self._verdicts = verdicts or {}
        self._number = count()
        self._unlearnt: list[tuple[datetime, int, Payment, bool]] = []

    def features(
        self, payments: Iterable[tuple[Payment, bool]]
    ) -> Iterator[tuple[Payment, list[float]]]:
        """Each payment with its features; of a payment and whether it is fraud, in order of time.

        A fraud is known LABEL_DAYS after it. Payments of the same instant see one another.
        """
        for together in self._insert_all(payments):
            for payment, _ in together:
                yield payment, features(payment, self._customer(payment), self._terminal(payment))

    def pass_over(self, payments: Iterable[tuple[Payment, bool]]) -> None:
        """Bring the histories forward as `features` does, and compute none."""
        for _ in self._insert_all(payments):
            pass

    def insert(self, payment: Payment) -> None:
        """Add a payment to its histories."""
        self._customer(payment).add(payment)
        if (terminal := self._terminal(payment)) is not None:
            terminal.add(payment)

    def label(self, fraud: Payment) -> None:
        """Add the label of a fraud to its histories, known LABEL_DAYS after it."""
        customer, terminal = self._customer(fraud), self._terminal(fraud)
        add_label(fraud, True, fraud.at + _DELAY, customer, terminal)

    def _insert_all(
        self, payments: Iterable[tuple[Payment, bool]]
    ) -> Iterator[list[tuple[Payment, bool]]]:
        """Insert the payments of each instant, after the labels known before it were learnt."""
        for _, group in groupby(payments, key=lambda pair: pair[0].microseconds):
            together = list(group)
            self._learn(together[0][0].at)
            for payment, is_fraud in together:
                self.insert(payment)
                if is_fraud:
                    self._await(payment.at + _DELAY, payment, True)
                for known_at, verdict in self._verdicts.get(payment.identity, ()):
                    self._await(known_at, payment, verdict)
            yield together

    def learn_all(self) -> None:
        """Tell the histories also of the labels that become known after the last payment."""
        while self._unlearnt:
            self._learn(self._unlearnt[0][0])

    def _await(self, known_at: datetime, payment: Payment, is_fraud: bool) -> None:
        heappush(self._unlearnt, (known_at, next(self._number), payment, is_fraud))

    def _learn(self, now: datetime) -> None:
        while self._unlearnt and self._unlearnt[0][0] <= now:
            known_at, _, payment, is_fraud = heappop(self._unlearnt)
            add_label(payment, is_fraud, known_at, self._customer(payment), self._terminal(payment))

    def _customer(self, payment: Payment) -> CustomerHistory:
        history = self.customers.get(payment.account)
        if history is None:
            history = self.customers[payment.account] = CustomerHistory()
        return history

    def _terminal(self, payment: Payment) -> TerminalHistory | None:
        key = payment.terminal
        if key is None:
            return None
        history = self.terminals.get(key)
        if history is None:
            history = self.terminals[key] = TerminalHistory()
        return history
