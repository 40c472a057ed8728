"""Who leaves: features without a look ahead, and a model that learns from known outcomes only."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_days import FIRST, days_of, simulate
from demand_insights_engine.customers.churn import (
    FEATURES,
    HORIZON_DAYS,
    ChurnError,
    features,
    left,
    snapshots,
    train,
)

DAYS = simulate(400, 1, days=400)
AS_OF = FIRST + timedelta(days=300)


def test_features_are_those_of_a_worked_example():
    days = days_of(("a", 0, 10), ("a", 10, 20), ("a", 40, 60, 30), ("b", 45, 5))

    rows = [
        dict(zip(FEATURES, row, strict=True)) for row in features(days, FIRST + timedelta(days=50))
    ]

    assert (
        rows[0]
        | {
            "recency_days": 10,
            "tenure_days": 50,
            "purchase_days": 3,
            "amount": 60,
            "mean_gap_days": 20,
            "last_gap_days": 30,
            "longest_gap_days": 30,
            "recency_by_mean_gap": 0.5,
            "purchase_days_14d": 1,
            "amount_30d": 30,
            "returned_share": pytest.approx(30 / 90),
        }
        == rows[0]
    )
    assert np.isnan(rows[1]["mean_gap_days"])
    assert rows[1]["recency_days"] == 5


ROW = st.tuples(st.sampled_from("abcde"), st.integers(0, 120), st.floats(0, 1e12))
ROWS = st.lists(ROW, max_size=20, unique_by=lambda row: row[:2])


@settings(max_examples=50)
@given(ROWS, ROWS, st.integers(1, 120))
def test_a_purchase_of_tomorrow_changes_no_feature_of_today(rows, others, day):
    past = [row for row in rows if row[1] < day]
    later = [row for row in others if row[1] >= day]
    as_of = FIRST + timedelta(days=day)

    np.testing.assert_array_equal(
        features(days_of(*past), as_of), features(days_of(*past, *later), as_of)
    )


def test_what_happens_from_the_day_on_changes_no_model():
    more = pl.concat([DAYS.filter(pl.col("day") < AS_OF), days_of(("c00001", 300, 1e9))])
    rows = features(DAYS, AS_OF)

    assert train(more, AS_OF).probabilities(rows).tobytes() == (
        train(DAYS, AS_OF).probabilities(rows).tobytes()
    )


def test_outcomes_of_all_snapshots_are_known():
    found = snapshots(DAYS, AS_OF)

    assert found[0] == AS_OF - timedelta(days=HORIZON_DAYS)
    assert min(found) >= FIRST + timedelta(days=60)


def test_who_does_not_buy_within_the_horizon_has_left():
    days = days_of(("a", 0, 1), ("a", 99, 1), ("b", 0, 1), ("b", 100, 1), ("c", 1, 1))

    assert left(days, FIRST + timedelta(days=10)).tolist() == [False, True, True]


def test_customers_who_stay_are_told_from_those_who_leave():
    model = train(DAYS, AS_OF)
    probability, gone = model.probabilities(features(DAYS, AS_OF)), left(DAYS, AS_OF)

    assert probability[gone].mean() > probability[~gone].mean() + 0.1
    assert ((probability > 0) & (probability < 1)).all()


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (days_of(), "must go back 150 days"),
        (DAYS.filter(pl.col("day") >= AS_OF - timedelta(days=100)), "must go back 150 days"),
        (days_of(("a", 0, 5), ("a", 299, 5)), "at least 100 are needed"),
        (days_of(*((f"c{n}", 0, 5) for n in range(200))), "of whom 1200 left"),
    ],
)
def test_too_little_to_learn_from_is_said(days, said):
    with pytest.raises(ChurnError, match=said):
        train(days, AS_OF)


def test_without_customers_there_are_no_rows():
    assert features(days_of(), AS_OF).shape == (0, len(FEATURES))
