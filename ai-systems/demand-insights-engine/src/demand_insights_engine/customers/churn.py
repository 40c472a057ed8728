"""Which customers will not buy in the next 90 days: gradient boosting on features as of a date.

A model for `as_of` learns from snapshots 90, 120, 150 ... days earlier, whose outcomes are all
known at `as_of`. It imports xgboost, so only the batch and the evaluation import this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
import xgboost

from demand_insights_engine.customers.transactions import Floats, Mask, histories, purchase_days
from modelkit.shares import share

HORIZON_DAYS = 90
MIN_CUSTOMERS = 100
"""Customers in the snapshots that a model needs."""

_STEP_DAYS = 30
_MIN_HISTORY_DAYS = 60
_MOST_SNAPSHOTS = 24
_ROUNDS = 150
_GROUPS = 10
_PARAMETERS = {
    "objective": "binary:logistic",
    "tree_method": "hist",
    "max_depth": 3,
    "eta": 0.03,
    "min_child_weight": 20,
    "subsample": 0.7,
    "colsample_bynode": 0.5,
    "seed": 1,
    # One thread, so that the sums, and with them the bytes, are always the same.
    "nthread": 1,
}
_COUNTED, _SPENT = (14, 30, 60, 90, 180), (30, 90)
FEATURES = (
    "recency_days",
    "tenure_days",
    "purchase_days",
    "mean_amount",
    "amount",
    "last_amount",
    "mean_gap_days",
    "std_gap_days",
    "last_gap_days",
    "longest_gap_days",
    "recency_by_mean_gap",
    "purchases_a_day",
    "returned_share",
    *(f"purchase_days_{days}d" for days in _COUNTED),
    *(f"amount_{days}d" for days in _SPENT),
)


class ChurnError(ValueError):
    """The days are too few to learn who leaves; the message says how many it takes."""


@dataclass(frozen=True)
class Reliability:
    """Intervals of the shares that left, by groups of probability that `bounds` divide."""

    bounds: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True)
class Churn:
    """A trained model; `snapshots` are the dates that it learned from, the newest first."""

    booster: xgboost.Booster
    snapshots: tuple[date, ...]
    rows: int
    share: float
    reliability: Reliability

    def interval(self, probability: Floats) -> tuple[Floats, Floats]:
        """The 95 % interval of the share that left among customers with such a probability, in the
        newest snapshot by a model that did not know it, widened to hold the probability."""
        group = np.searchsorted(self.reliability.bounds, probability, side="right")
        lower, upper = self.reliability.lower[group], self.reliability.upper[group]
        return np.minimum(lower, probability), np.maximum(upper, probability)

    def probabilities(self, rows: Floats) -> Floats:
        """Of each row of FEATURES that the customer will not buy in the next HORIZON_DAYS."""
        found: Floats = self.booster.predict(xgboost.DMatrix(rows)).astype(np.float64)
        return found


def features(days: pl.DataFrame, as_of: date) -> Floats:
    """FEATURES of the customers of `histories`, in their order; of shape (customers, features).

    NaN where there is nothing to tell, such as a gap of a customer with a single purchase. Raises
    TransactionsError.
    """
    known = histories(days, as_of)
    age = (pl.lit(as_of) - pl.col("day")).dt.total_days()
    gap = pl.col("day").diff().over("customer_id").dt.total_days()
    amount = pl.col("amount")
    rows = (
        purchase_days(days, as_of)
        .with_columns(age=age, gap=gap)
        .group_by("customer_id", maintain_order=True)
        .agg(
            pl.col("age").min().alias("recency_days"),
            pl.col("age").max().alias("tenure_days"),
            pl.len().alias("purchase_days"),
            amount.mean().alias("mean_amount"),
            amount.sum().alias("amount"),
            amount.last().alias("last_amount"),
            pl.col("gap").mean().alias("mean_gap_days"),
            pl.col("gap").std().alias("std_gap_days"),
            pl.col("gap").last().alias("last_gap_days"),
            pl.col("gap").max().alias("longest_gap_days"),
            *((pl.col("age") <= span).sum().alias(f"purchase_days_{span}d") for span in _COUNTED),
            *(
                amount.filter(pl.col("age") <= span).sum().alias(f"amount_{span}d")
                for span in _SPENT
            ),
        )
        .with_columns(
            (pl.col("recency_days") / pl.col("mean_gap_days")).alias("recency_by_mean_gap"),
            (pl.col("purchase_days") / pl.col("tenure_days")).alias("purchases_a_day"),
            pl.Series("returned_share", known.returned_amount / np.maximum(known.amount, 1e-9)),
        )
    )
    return rows.select(pl.col(FEATURES).cast(pl.Float64)).to_numpy()


def left(days: pl.DataFrame, as_of: date) -> Mask:
    """Whether each customer of `histories` did not buy in the HORIZON_DAYS from `as_of` on."""
    until = as_of + timedelta(days=HORIZON_DAYS)
    bought = purchase_days(days, until).filter(pl.col("day") >= as_of)["customer_id"]
    return ~histories(days, as_of).customer_id.is_in(bought.unique().to_list()).to_numpy()


def snapshots(days: pl.DataFrame, as_of: date) -> tuple[date, ...]:
    """The dates whose outcomes are known at `as_of`, at least 60 days after the first day."""
    first = days["day"].min()
    if not isinstance(first, date):
        return ()
    newest = as_of - timedelta(days=HORIZON_DAYS)
    dates = (newest - timedelta(days=_STEP_DAYS * number) for number in range(_MOST_SNAPSHOTS))
    return tuple(one for one in dates if (one - first).days >= _MIN_HISTORY_DAYS)


def train(days: pl.DataFrame, as_of: date) -> Churn:
    """A model from the days before `as_of`. Raises ChurnError, TransactionsError."""
    days = days.filter(pl.col("day") < as_of)
    dates = snapshots(days, as_of)
    if not dates:
        raise ChurnError(
            f"the days before {as_of} must go back {HORIZON_DAYS + _MIN_HISTORY_DAYS} days: "
            f"{_MIN_HISTORY_DAYS} of history, {HORIZON_DAYS} of outcomes"
        )
    rows, gone = [features(days, one) for one in dates], [left(days, one) for one in dates]
    every, outcome = np.concatenate(rows), np.concatenate(gone)
    if len(every) < MIN_CUSTOMERS or outcome.all() or not outcome.any():
        raise ChurnError(
            f"{len(every)} customers in the snapshots, of whom {int(outcome.sum())} left; at least "
            f"{MIN_CUSTOMERS} are needed, some who left and some who stayed"
        )
    return Churn(
        _boosted(every, outcome),
        dates,
        len(every),
        float(outcome.mean()),
        _reliability(rows, gone),
    )


def _boosted(rows: Floats, gone: Mask) -> xgboost.Booster:
    return xgboost.train(_PARAMETERS, xgboost.DMatrix(rows, gone), _ROUNDS)


def _reliability(rows: list[Floats], gone: list[Mask]) -> Reliability:
    """From the newest snapshot, by a model of the others; nothing is sure of a single one."""
    if len(rows) == 1:
        return Reliability(np.empty(0), np.zeros(1), np.ones(1))
    earlier = _boosted(np.concatenate(rows[1:]), np.concatenate(gone[1:]))
    probability = earlier.predict(xgboost.DMatrix(rows[0])).astype(np.float64)
    bounds = np.unique(np.quantile(probability, np.linspace(0, 1, _GROUPS + 1)[1:-1]))
    group = np.searchsorted(bounds, probability, side="right")
    shares = [
        share(int(gone[0][group == one].sum()), int((group == one).sum()))
        for one in range(len(bounds) + 1)
    ]
    return Reliability(
        bounds,
        np.array([found.lower if found else 0.0 for found in shares]),
        np.array([found.upper if found else 1.0 for found in shares]),
    )
