"""Features of many payments, as they would have been at the time of each."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import groupby

from compliance_guardian.fraud.features import LABEL_DAYS, add_label, features
from compliance_guardian.fraud.history import CustomerHistory, TerminalHistory
from compliance_guardian.fraud.payments import Payment

_DELAY = timedelta(days=LABEL_DAYS)


class Replay:
    """Histories of all customers and terminals, brought forward payment by payment."""

    def __init__(self) -> None:
        self.customers: dict[tuple[str, str, str], CustomerHistory] = {}
        self.terminals: dict[tuple[str, str], TerminalHistory] = {}
        self._frauds: deque[Payment] = deque()

    def features(
        self, payments: Iterable[tuple[Payment, bool]]
    ) -> Iterator[tuple[Payment, list[float]]]:
        """Each payment with its features; of a payment and whether it is fraud, in order of time.

        A fraud is known LABEL_DAYS after it. Payments of the same instant see one another.
        """
        for _, group in groupby(payments, key=lambda pair: pair[0].microseconds):
            together = list(group)
            self._learn(together[0][0])
            for payment, is_fraud in together:
                self.insert(payment)
                if is_fraud:
                    self._frauds.append(payment)
            for payment, _ in together:
                yield payment, features(payment, self._customer(payment), self._terminal(payment))

    def insert(self, payment: Payment) -> None:
        """Add a payment to its histories."""
        self._customer(payment).add(payment)
        if (terminal := self._terminal(payment)) is not None:
            terminal.add(payment)

    def label(self, fraud: Payment) -> None:
        """Add the label of a fraud to its histories, known LABEL_DAYS after it."""
        customer, terminal = self._customer(fraud), self._terminal(fraud)
        add_label(fraud, True, fraud.at + _DELAY, customer, terminal)

    def _learn(self, now: Payment) -> None:
        while self._frauds and self._frauds[0].at + _DELAY <= now.at:
            self.label(self._frauds.popleft())

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
