"""The probability that a customer is active, through time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from demand_insights_engine.customers.bgnbd import BgNbd, probability_active
from demand_insights_engine.customers.transactions import DAYS_A_WEEK, Floats


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
