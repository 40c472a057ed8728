"""Requests in the light of the histories that the batch keeps."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from compliance_guardian.fraud.features import (
    FEATURES,
    LABEL_DAYS,
    TYPICAL_DAYS,
    WINDOWS,
    add_label,
)
from compliance_guardian.fraud.history_table import HistoryTable
from compliance_guardian.fraud.label_table import Investigation
from compliance_guardian.fraud.payments import Payment
from compliance_guardian.fraud.replay import Replay

FEW = 5
"""Payments of a customer below which a score comes with a warning."""

_NAMES = [feature.name for feature in FEATURES]
_CUSTOMER = _NAMES.index("customer_payments")
_TERMINAL = _NAMES.index(f"terminal_count_{WINDOWS[-1]}d")


def observe(table: HistoryTable, payments: Sequence[Payment]) -> list[list[float]]:
    """FEATURES of each payment, which sees those of the request up to its own time.

    Nothing is kept.
    """
    replay = table.read(payments)
    in_time = sorted(payments, key=lambda payment: payment.microseconds)
    found = dict(replay.features((payment, False) for payment in in_time))
    return [found[payment] for payment in payments]


def warnings(values: Sequence[float]) -> list[str]:
    """What a score of these FEATURES could not rest on."""
    found = []
    payments, at_terminal = values[_CUSTOMER], values[_TERMINAL]
    if not payments:
        found.append(
            f"No payment of the customer in the {TYPICAL_DAYS} days before is known: nothing tells "
            "what is usual of them."
        )
    elif payments < FEW:
        found.append(
            f"Only {payments:.0f} payment{'s' * (payments > 1)} of the customer in the "
            f"{TYPICAL_DAYS} days before {'are' if payments > 1 else 'is'} known: little tells "
            "what is usual of them."
        )
    if isnan(at_terminal):
        found.append("The payment names no terminal: only the customer's payments count.")
    elif not at_terminal:
        found.append(
            f"No payment at the terminal is known of the {WINDOWS[-1]} days that ended "
            f"{LABEL_DAYS} days before: its record of fraud is empty."
        )
    return found


def learn(table: HistoryTable, investigations: Sequence[Investigation]) -> set[int]:
    """Tell the histories of investigations; returns the identities of the payments they know.

    A payment that its customer's history does not hold is not added to it: who mistypes a payment
    must not change the usual values.
    """
    stored = table.read([one.payment for one in investigations])
    judged = Replay()
    known = set()
    for one in investigations:
        payment = one.payment
        customer = stored.customers.get(payment.account)
        if customer is None or customer.position(payment) is None:
            continue
        known.add(payment.identity)
        judged.customers[payment.account] = customer
        terminal = stored.terminals.get(payment.terminal) if payment.terminal else None
        if payment.terminal and terminal:
            judged.terminals[payment.terminal] = terminal
        add_label(payment, one.is_fraud, one.investigated_at, customer, terminal)
    table.merge(judged)
    return known
