"""How well scores find the frauds of weeks of tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt

import numpy as np
from payment_files import Payments
from protocol import Floats, Mask, Week, average_precision, card_precision

AP, AP_ALL, CARDS = "average precision", "average precision, all cards", "card precision@100"

_SMALLEST = 1e-6
# Quantiles of 97.5 % of Student's t by degrees of freedom; from 10 on the normal one is close.
_STUDENT = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26)
_NORMAL = 1.96


def ranking(payments: Payments, week: Week, scores: Floats) -> dict[str, float]:
    """The measures of the protocol; `scores` are of the payments of the test, in their order."""
    fraud, unknown = payments.fraud[week.test], week.unknown[week.test]
    rows = week.unknown
    return {
        AP: average_precision(fraud[unknown], scores[unknown]),
        AP_ALL: average_precision(fraud, scores),
        CARDS: card_precision(
            payments.day[rows], payments.customer[rows], payments.fraud[rows], scores[unknown]
        ),
    }


def log_loss(fraud: Mask, probability: Floats) -> float:
    """The mean negative logarithm of the probability of what was the case."""
    right = np.where(fraud, probability, 1 - probability)
    return float(-np.log(np.maximum(right, _SMALLEST)).mean())


def mean(weeks: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each measure over weeks."""
    return {name: float(np.mean([week[name] for week in weeks])) for name in weeks[0]}


def spread(values: Sequence[float]) -> float | None:
    """Half of the 95 % interval of the mean (Student); None of a single value."""
    degrees = len(values) - 1
    if not degrees:
        return None
    quantile = _STUDENT[degrees - 1] if degrees <= len(_STUDENT) else _NORMAL
    return quantile * float(np.std(values, ddof=1)) / sqrt(len(values))
