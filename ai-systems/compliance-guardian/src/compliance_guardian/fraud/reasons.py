"""Reasons for a score in plain sentences: one for each topic of FEATURES."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isnan

from compliance_guardian.fraud.features import FEATURES, TYPICAL_DAYS, WINDOWS
from compliance_guardian.fraud.scores import Reason

_DAYS = WINDOWS[-1]

Values = Mapping[str, float]


def reasons(values: Sequence[float], contributions: Sequence[float]) -> list[Reason]:
    """A reason for each topic: the greatest contribution first, whatever its sign.

    `values` and `contributions` are of FEATURES; a reason's contribution is the sum of its topic's,
    so those of all reasons have the same sum.
    """
    totals: dict[str, float] = {}
    for feature, contribution in zip(FEATURES, contributions, strict=True):
        totals[feature.topic] = totals.get(feature.topic, 0.0) + contribution
    named = {feature.name: value for feature, value in zip(FEATURES, values, strict=True)}
    found = [Reason(topic, TEXTS[topic](named), total) for topic, total in totals.items()]
    return sorted(found, key=lambda reason: -abs(reason.contribution))


def _amount(values: Values) -> str:
    mean = values[f"customer_mean_amount_{_DAYS}d"]
    text = f"Amount {values['amount']:,.2f}"
    if isnan(mean):
        return text
    return f"{text}; the customer's mean in {_DAYS} days, with this payment, is {mean:,.2f}"


def _time(values: Values) -> str:
    day = "Saturday or Sunday" if values["is_weekend"] > 0 else "a weekday"
    return f"Paid on {day}, {'before' if values['is_night'] > 0 else 'after'} 07:00 UTC"


def _customer_activity(values: Values) -> str:
    return f"Payments of the customer: {_counts(values, 'customer_count')}"


def _amount_ratio(values: Values) -> str:
    ratio = values["amount_ratio"]
    if isnan(ratio):
        return f"No payment of the customer in the {TYPICAL_DAYS} days before to compare with"
    return f"Amount {ratio:,.1f} times the customer's median"


def _card(values: Values) -> str:
    high, frauds = values["high_amounts_7d"], values["card_frauds_14d"]
    parts = []
    if frauds > 0:
        parts.append(f"{_several(frauds, 'known fraud')} by high amounts in 14 days")
    if high > 0:
        since = values["days_since_high_amount"]
        parts.append(
            f"{_several(high, 'other high amount')} in 7 days, the last {since:,.1f} days before"
        )
    if not parts:
        return "No other high amount of the customer in 7 days, no known fraud in 14 days"
    return "Of the customer: " + ", ".join(parts)


def _terminal_activity(values: Values) -> str:
    name = "terminal_count"
    if isnan(values[f"{name}_{_DAYS}d"]):
        return "No terminal is named"
    return f"Payments at the terminal that ended 7 days before: {_counts(values, name)}"


def _terminal(values: Values) -> str:
    frauds = values["terminal_frauds"]
    if isnan(frauds):
        return "No terminal is named"
    risk = values[f"terminal_fraud_risk_{_DAYS}d"]
    if not frauds:
        share = f"; {risk:.0%} of its payments were fraud by high amounts" if risk else ""
        return f"No known fraud by a usual amount at the terminal in 35 days{share}"
    since = values["days_since_last_terminal_fraud"]
    text = (
        f"{_several(frauds, 'known fraud')} at the terminal in 35 days, "
        f"the last {since:.0f} days before"
    )
    honest = values["days_since_honest"]
    if isnan(honest):
        return f"{text}, and no payment known to be honest"
    return f"{text}; the last payment known to be honest was {honest:.0f} days before"


TEXTS: Mapping[str, Callable[[Values], str]] = {
    "amount": _amount,
    "time": _time,
    "customer_activity": _customer_activity,
    "amount_ratio": _amount_ratio,
    "card": _card,
    "terminal_activity": _terminal_activity,
    "terminal": _terminal,
}
"""By topic: the text of a reason, from the values of all features."""


def _counts(values: Values, name: str) -> str:
    return ", ".join(
        f"{values[f'{name}_{days}d']:,.0f} in {days} day{'s' * (days > 1)}" for days in WINDOWS
    )


def _several(number: float, noun: str) -> str:
    return f"{number:,.0f} {noun}{'s' * (number != 1)}"
