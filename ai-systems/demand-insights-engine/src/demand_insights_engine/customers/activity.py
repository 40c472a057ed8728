"""The probability that a customer is active by BG/NBD (see bgnbd), as of a day and through time.

It is without scipy, whose import takes a second, so that the API answers with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date, timedelta

import numpy as np

from demand_insights_engine.customers.transactions import DAYS_A_WEEK, Floats


@dataclass(frozen=True)
class BgNbd:
    """Parameters, all positive; `alpha` is in weeks."""

    r: float
    alpha: float
    a: float
    b: float


def probability_active(model: BgNbd, frequency: Floats, recency: Floats, age: Floats) -> Floats:
    """That each customer with such a frequency, recency and age is active; as in Histories."""
    r, alpha, a, b = astuple(model)
    x, repeats = frequency, frequency > 0
    denominator = np.where(repeats, b + x - 1, 1.0)
    odds = np.log(a / denominator) + (r + x) * np.log((alpha + age) / (alpha + recency))
    alive: Floats = np.where(repeats, np.exp(-np.logaddexp(0.0, odds)), 1.0)
    return alive


def through_time(model: BgNbd, bought: Sequence[date], dates: Sequence[date]) -> Floats:
    """P(alive) at the beginning of each of `dates`, from the purchase days `bought` before it;
    NaN before the first purchase."""
    days = np.unique(np.array(bought, dtype="datetime64[D]"))
    at = np.array(dates, dtype="datetime64[D]")
    known = np.searchsorted(days, at, side="left")
    found = np.full(len(at), np.nan)
    if not len(days):
        return found
    seen = known > 0
    one_day = np.timedelta64(timedelta(days=1))
    last = days[known[seen] - 1]
    weeks = [(until - days[0]) / one_day / DAYS_A_WEEK for until in (last, at[seen] - one_day)]
    found[seen] = probability_active(model, (known[seen] - 1).astype(np.float64), *weeks)
    return found
