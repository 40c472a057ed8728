"""Which cards to investigate: those with the most probable frauds of each day, and no more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date

from compliance_guardian.fraud.names import alert_id
from compliance_guardian.fraud.payments import Payment


@dataclass(frozen=True)
class Scored:
    """A payment and its probability of fraud with the bounds of an interval."""

    payment: Payment
    probability: float
    lower: float
    upper: float

    @property
    def day(self) -> date:
        """Its day, UTC."""
        return self.payment.at.astimezone(UTC).date()


@dataclass(frozen=True)
class CardAlert:
    """A card of a day: `worst` is its most probable fraud, `payments` how many of the day reach the
    threshold, `rank` its place among the cards of the day."""

    worst: Scored
    payments: int
    rank: int

    @property
    def alert_id(self) -> str:
        """The same for the same card and day."""
        payment = self.worst.payment
        return alert_id(self.worst.day, payment.source, payment.customer_id)


def card_alerts(
    scored: Iterable[Scored], threshold: float, cards_a_day: int
) -> dict[date, list[CardAlert]]:
    """The alerts of each day, the most probable fraud first; ties are broken by the payment's hash.

    Only payments whose probability reaches the threshold count.
    """
    days: defaultdict[date, defaultdict[str, list[Scored]]]
    days = defaultdict(lambda: defaultdict(list))
    for one in scored:
        if one.probability >= threshold:
            days[one.day][one.payment.customer_id].append(one)
    alerts = {}
    for day, cards in sorted(days.items()):
        worst = sorted(((min(of, key=_order), len(of)) for of in cards.values()), key=_first)
        alerts[day] = [
            CardAlert(one, payments, rank)
            for rank, (one, payments) in enumerate(worst[:cards_a_day], start=1)
        ]
    return alerts


def _order(one: Scored) -> tuple[float, int]:
    return -one.probability, one.payment.identity


def _first(pair: tuple[Scored, int]) -> tuple[float, int]:
    return _order(pair[0])
