"""What the model sees of a payment: computed from the payment and two histories, and nothing else.

Every feature at an instant follows from payments up to that instant, itself included, and from
labels known by then; that the histories hold more changes nothing. The same code computes the
features of a batch, a replay of payments in the order of time, and those of a request.

A payment counts as honest once it is LABEL_DAYS old and nobody has found fraud, as in the Fraud
Detection Handbook (Le Borgne, Siblini, Lebichot, Bontempi, 2022, chapter 3), from which the windows
come too. All are NaN where they do not apply.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import nan

from compliance_guardian.fraud.history import DAY, CustomerHistory, Label, TerminalHistory
from compliance_guardian.fraud.payments import MINOR, Payment

WINDOWS = (1, 7, 30)
"""Lengths of the windows of counts and means, in days."""

LABEL_DAYS = 7
"""Days after which the label of a payment counts as known."""

TYPICAL_PAYMENTS = 100
TYPICAL_DAYS = 60
"""Typical of a customer are the newest TYPICAL_PAYMENTS before one, of TYPICAL_DAYS at most."""

HIGH = 2.5
"""Times the customer's typical amount from which an amount is high: five standard deviations above
the mean, if amounts are normal with a standard deviation of half their mean, as in the handbook."""

_CARD_DAYS = 14
_TERMINAL_DAYS = 35
# The table divides by a constant, which polars computes as a product with its inverse.
_MAJOR = 1 / MINOR
_HOUR = DAY // 24
_LAST_NIGHT_HOUR = 6


@dataclass(frozen=True)
class Feature:
    """A feature; `topic` is what a reason for a score is about."""

    name: str
    description: str
    unit: str
    topic: str


_PAYMENT = (
    Feature("amount", "Amount of the payment", "major unit of its currency", "amount"),
    Feature("is_weekend", "Saturday or Sunday, UTC", "0 or 1", "time"),
    Feature("is_night", "Before 07:00 UTC", "0 or 1", "time"),
)
_CUSTOMER = (
    *(
        feature
        for days in WINDOWS
        for feature in (
            Feature(
                f"customer_count_{days}d",
                f"Payments of the customer in the {days} days up to and including this one",
                "payments",
                "customer_activity",
            ),
            Feature(
                f"customer_mean_amount_{days}d",
                "Their mean amount",
                "major unit of its currency",
                "amount",
            ),
        )
    ),
    Feature(
        "customer_payments",
        f"Payments before this one that say what is typical, {TYPICAL_PAYMENTS} at most",
        "payments",
        "customer_activity",
    ),
    Feature(
        "customer_typical_amount", "Their median amount", "major unit of its currency", "amount"
    ),
    Feature("amount_ratio", "Amount in terms of the typical amount", "times", "amount_ratio"),
    Feature(
        "high_amounts_7d",
        f"Other payments of {HIGH} times the typical amount or more in 7 days, not yet judged",
        "payments",
        "card",
    ),
    Feature(
        "high_amounts_1d",
        f"Other payments of {HIGH} times the typical amount or more in a day",
        "payments",
        "card",
    ),
    Feature("highest_ratio_7d", "The highest ratio of other payments in 7 days", "times", "card"),
    Feature("days_since_high_amount", "Since the newest of them", "days", "card"),
    Feature(
        "card_frauds_14d",
        "Known frauds by high amounts in the last 14 days",
        "payments",
        "card",
    ),
    Feature("days_since_card_fraud", "Since the first of them, by calendar days", "days", "card"),
)
_TERMINAL = (
    *(
        feature
        for days in WINDOWS
        for feature in (
            Feature(
                f"terminal_count_{days}d",
                f"Payments at the terminal in the {days} days that ended {LABEL_DAYS} days ago",
                "payments",
                "terminal_activity",
            ),
            Feature(
                f"terminal_fraud_risk_{days}d", "Share of known fraud among them", "", "terminal"
            ),
        )
    ),
    Feature(
        "terminal_frauds",
        f"Known frauds at the terminal by usual amounts in {_TERMINAL_DAYS} days",
        "payments",
        "terminal",
    ),
    Feature(
        "days_since_first_terminal_fraud",
        "Since the first of them, by calendar days",
        "days",
        "terminal",
    ),
    Feature(
        "days_since_last_terminal_fraud",
        "Since the last of them, by calendar days",
        "days",
        "terminal",
    ),
    Feature(
        "honest_since_first_terminal_fraud",
        "Payments known to be honest since the first of them",
        "payments",
        "terminal",
    ),
    Feature(
        "terminal_run",
        "Frauds by usual amounts since the last payment known to be honest",
        "payments",
        "terminal",
    ),
    Feature(
        "days_since_run_began", "Since the first of them, by calendar days", "days", "terminal"
    ),
    Feature(
        "days_since_honest",
        "Since the terminal's last payment known to be honest, by calendar days",
        "days",
        "terminal",
    ),
    Feature(
        "terminal_run_ratio",
        "The lowest amount of the run in terms of its customer's typical amount",
        "times",
        "terminal",
    ),
)
FEATURES = _PAYMENT + _CUSTOMER + _TERMINAL
"""The features in the order of `features`."""


def features(
    payment: Payment, customer: CustomerHistory, terminal: TerminalHistory | None
) -> list[float]:
    """FEATURES of a payment, which its histories may hold or not; `terminal` None without one."""
    hour = payment.microseconds // _HOUR
    # 1970-01-01 was a Thursday.
    weekday = (hour // 24 + 3) % 7
    return [
        payment.amount / MINOR,
        float(weekday >= 5),
        float(hour % 24 <= _LAST_NIGHT_HOUR),
        *_of_customer(payment, customer),
        *(_of_terminal(payment, terminal) if terminal is not None else _NO_TERMINAL),
    ]


def amount_ratio(payment: Payment, customer: CustomerHistory) -> float:
    """The amount in terms of the customer's typical amount; NaN without a payment before."""
    end = bisect_right(customer.times, payment.microseconds)
    typical = _median(_before(payment, customer, end))
    return payment.amount / typical if typical else nan


def add_label(
    payment: Payment,
    is_fraud: bool,
    known_at: datetime,
    customer: CustomerHistory,
    terminal: TerminalHistory | None,
) -> None:
    """Tell both histories what an investigation found.

    Repeat it for a customer's labels where payments from before them arrive later: these change
    what was typical.
    """
    customer.add_label(payment, is_fraud, known_at)
    if terminal is not None:
        terminal.add_label(payment, is_fraud, known_at, amount_ratio(payment, customer))


def _before(payment: Payment, customer: CustomerHistory, end: int) -> Sequence[int]:
    """The amounts of the TYPICAL_PAYMENTS newest others up to the payment's time."""
    here = customer.position(payment)
    oldest = bisect_right(customer.times, payment.microseconds - TYPICAL_DAYS * DAY, 0, end)
    first = max(oldest, end - TYPICAL_PAYMENTS - (here is not None))
    amounts = customer.amounts[first:end]
    if here is not None:
        del amounts[max(0, here - first)]
    return amounts


def _median(amounts: Sequence[int]) -> float:
    """The median; 0 of nothing."""
    ordered = sorted(amounts)
    middle = len(ordered) // 2
    if not ordered:
        return 0.0
    if len(ordered) % 2:
        return float(ordered[middle])
    return (ordered[middle - 1] + ordered[middle]) / 2


def _of_customer(payment: Payment, customer: CustomerHistory) -> list[float]:
    now, amount = payment.microseconds, payment.amount
    times, amounts = customer.times, customer.amounts
    end = bisect_right(times, now)
    here = customer.position(payment)
    values: list[float] = []
    for days in WINDOWS:
        begin = bisect_right(times, now - days * DAY, 0, end)
        count = end - begin
        total = sum(amounts[begin:end])
        if here is None:
            count += 1
            total += amount
        values += (count, float(total) / count * _MAJOR)
    before = _before(payment, customer, end)
    typical = _median(before)
    if not typical:
        return [*values, len(before), *_NOTHING_TYPICAL]
    high = HIGH * typical
    highest, newest, in_a_week, in_a_day = 0, nan, 0, 0
    for index in range(end - 1, bisect_right(times, now - LABEL_DAYS * DAY, 0, end) - 1, -1):
        if index == here:
            continue
        other = amounts[index]
        highest = max(highest, other)
        if other >= high:
            in_a_week += 1
            in_a_day += times[index] > now - DAY
            if newest != newest:
                newest = (now - times[index]) / DAY
    known, since = 0, nan
    if customer.labels:
        today = now // DAY
        for label in customer.frauds(now):
            if label.at <= now - _CARD_DAYS * DAY or label.identity == payment.identity:
                continue
            at = bisect_left(times, label.at)
            while customer.identities[at] != label.identity:
                at += 1
            if amounts[at] >= high:
                known += 1
                if since != since:
                    since = today - label.at // DAY
    return [
        *values,
        len(before),
        typical / MINOR,
        amount / typical,
        in_a_week,
        in_a_day,
        highest / typical,
        newest,
        known,
        since,
    ]


def _of_terminal(payment: Payment, terminal: TerminalHistory) -> list[float]:
    now = payment.microseconds
    times = terminal.times
    known_until = now - LABEL_DAYS * DAY
    end = bisect_right(times, known_until)
    frauds = terminal.frauds(now) if terminal.labels else ()
    values: list[float] = []
    for days in WINDOWS:
        since = known_until - days * DAY
        count = end - bisect_right(times, since, 0, end)
        fraud = sum(since < label.at <= known_until for label in frauds)
        values += (count, fraud / count if count else 0.0)
    return values + _of_frauds(payment, terminal, frauds, end)


def _of_frauds(
    payment: Payment, terminal: TerminalHistory, frauds: Sequence[Label], end: int
) -> list[float]:
    now = payment.microseconds
    today = now // DAY
    since = now - _TERMINAL_DAYS * DAY
    times, identities = terminal.times, terminal.identities
    known = {label.identity for label in frauds}
    last = end - 1
    while last >= 0 and identities[last] in known:
        last -= 1
    honest_at = times[last] if last >= 0 and times[last] > since else None
    honest = nan if honest_at is None else float(today - honest_at // DAY)
    usual = [
        label
        for label in frauds
        if since < label.at and not label.ratio >= HIGH and label.identity != payment.identity
    ]
    if not usual:
        return [0.0, nan, nan, nan, 0.0, nan, honest, nan]
    first_at = usual[0].at
    begin = bisect_left(times, first_at, 0, end)
    honest_since = sum(identities[i] not in known for i in range(begin, end))
    run = [label for label in usual if honest_at is None or label.at > honest_at]
    return [
        len(usual),
        today - first_at // DAY,
        today - usual[-1].at // DAY,
        honest_since,
        len(run),
        today - run[0].at // DAY if run else nan,
        honest,
        min((label.ratio for label in run), default=nan),
    ]


_NOTHING_TYPICAL = [nan, nan, 0.0, 0.0, nan, nan, 0.0, nan]
_NO_TERMINAL = [nan] * len(_TERMINAL)
