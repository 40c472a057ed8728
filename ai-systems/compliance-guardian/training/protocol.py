"""Which payments a model trains on and is judged by, and its measures.

The protocol is the Fraud Detection Handbook's (Le Borgne, Siblini, Lebichot, Bontempi, 2022,
chapters 3 to 5): train on 28 days, leave out 7 until labels are known, test on the next 7.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

TRAIN_DAYS = 28
DELAY_DAYS = 7
TEST_DAYS = 7
CARDS_A_DAY = 100
"""Cards that investigators look at in a day."""

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Week:
    """Rows of a training and its test; `unknown` are those of the test whose card is not yet known
    to be compromised."""

    train: Mask
    test: Mask
    unknown: Mask


def week(start: int, day: Numbers, customer: Numbers, fraud: Mask) -> Week:
    """The week of tests that begins at day `start`; all arrays have one value for each payment.

    A card is known if a fraud with it is in the training, or was on a day whose labels are known
    before the day of the test begins.
    """
    first = start - DELAY_DAYS - TRAIN_DAYS
    test = (day >= start) & (day < start + TEST_DAYS)
    unknown = test.copy()
    for today in range(start, start + TEST_DAYS):
        known = fraud & (day >= first) & (day < today - DELAY_DAYS)
        unknown &= ~((day == today) & np.isin(customer, customer[known]))
    return Week((day >= first) & (day < start - DELAY_DAYS), test, unknown)


def average_precision(fraud: Mask, score: Floats) -> float:
    """The mean precision over frauds, best score first; equal scores are one step. NaN without
    fraud."""
    if not fraud.any():
        return float("nan")
    order = np.argsort(-score, kind="stable")
    last_of_equals = np.append(np.flatnonzero(np.diff(score[order])), len(order) - 1)
    hits = np.cumsum(fraud[order])[last_of_equals]
    precision = hits / (last_of_equals + 1)
    return float((np.diff(hits, prepend=0) * precision).sum() / hits[-1])


def card_precision(
    day: Numbers, customer: Numbers, fraud: Mask, score: Floats, cards: int = CARDS_A_DAY
) -> float:
    """The mean over days of the share of compromised cards among the `cards` of highest score.

    A card that was found on one day is not looked at on later ones. NaN without payments.
    """
    found: set[int] = set()
    shares = []
    for today in np.unique(day):
        highest: dict[int, float] = {}
        compromised: set[int] = set()
        rows = day == today
        for card, is_fraud, value in zip(
            customer[rows].tolist(), fraud[rows].tolist(), score[rows].tolist(), strict=True
        ):
            if card in found:
                continue
            highest[card] = max(value, highest.get(card, value))
            if is_fraud:
                compromised.add(card)
        looked_at = sorted(highest, key=lambda card: (-highest[card], card))[:cards]
        hits = compromised.intersection(looked_at)
        found |= hits
        shares.append(len(hits) / cards)
    return float(np.mean(shares)) if shares else float("nan")
