"""Intervals of customers' figures: they hold as many outcomes as they say."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from customer_days import FIRST, days_of, simulate
from demand_insights_engine.customers import bgnbd, gamma_gamma
from demand_insights_engine.customers.activity import BgNbd
from demand_insights_engine.customers.intervals import active, purchases_and_spend
from demand_insights_engine.customers.likelihood import bootstrap
from demand_insights_engine.customers.transactions import histories, purchase_days

AS_OF = FIRST + timedelta(days=365)
WEEKS = 26
DAYS = simulate(1_500, 11, days=365 + 7 * WEEKS, r=1.0)


@pytest.fixture(scope="module")
def known():
    return histories(DAYS, AS_OF)


@pytest.fixture(scope="module")
def models(known):
    sample = bgnbd.sample(known)
    return bootstrap(bgnbd.fit(sample), bgnbd.log_likelihood, sample, replicates=10, seed=1)


def test_as_many_outcomes_lie_inside_as_the_level_says(known, models):
    amounts = gamma_gamma.fit(gamma_gamma.sample(known)).model
    later = (
        purchase_days(DAYS, AS_OF + timedelta(weeks=WEEKS))
        .filter(pl.col("day") >= AS_OF)
        .group_by("customer_id")
        .agg(pl.len().alias("bought"), pl.col("amount").sum())
    )
    made = (
        pl.DataFrame({"customer_id": known.customer_id})
        .join(later, on="customer_id", how="left", maintain_order="left")
        .fill_null(0)
    )

    purchases, spend = purchases_and_spend(models, amounts, known, WEEKS, seed=1)

    # Counts are whole, so an interval of 90 % holds rather more of them.
    for interval, column in ((purchases, "bought"), (spend, "amount")):
        values = made[column].to_numpy()
        inside = (interval.lower <= values) & (values <= interval.upper)
        assert 0.88 <= inside.mean() <= 0.99


def test_equal_seeds_give_equal_bytes(known, models):
    one, other = (purchases_and_spend(models, None, known, WEEKS, seed=4)[0] for _ in range(2))

    assert one.upper.tobytes() == other.upper.tobytes()


def test_probabilities_lie_between_their_bounds(known, models):
    found = active(models, known)

    assert ((found.lower >= 0) & (found.lower <= found.upper) & (found.upper <= 1)).all()
    assert (found.lower[known.frequency == 0] == 1).all()


def test_without_amounts_or_customers_there_is_nothing_to_say(known, models):
    assert purchases_and_spend(models, None, known, WEEKS, seed=1)[1] is None
    nobody = histories(days_of(), AS_OF)
    purchases, spend = purchases_and_spend(
        models, gamma_gamma.GammaGamma(6, 4, 15), nobody, WEEKS, seed=1
    )
    assert len(purchases.lower) == len(spend.upper) == 0


def test_parameters_at_their_bounds_give_finite_intervals(known):
    for extreme in (BgNbd(1.0, 10.0, 1e-4, 8_000.0), BgNbd(1.0, 10.0, 8_000.0, 1e-4)):
        found, _ = purchases_and_spend([extreme], None, known, WEEKS, seed=1)
        assert np.isfinite(found.upper).all()
