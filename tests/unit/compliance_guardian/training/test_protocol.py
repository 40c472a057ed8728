"""The split lets nothing of the future in; the measures are those of the handbook."""

from math import isnan

import numpy as np
import pytest


@pytest.fixture(scope="module")
def protocol(training_module):
    return training_module("protocol")


def test_a_week_trains_on_28_days_and_leaves_7_out(protocol):
    day = np.arange(60)
    split = protocol.week(40, day, day, np.zeros(60, dtype=bool))
    assert np.flatnonzero(split.train).tolist() == list(range(5, 33))
    assert np.flatnonzero(split.test).tolist() == list(range(40, 47))
    assert (split.unknown == split.test).all()


@pytest.mark.parametrize(
    ("fraud_on", "unknown"),
    [(4, 7), (5, 0), (32, 0), (33, 1), (36, 4), (38, 6), (39, 7), (45, 7)],
)
def test_a_card_leaves_the_test_once_the_label_of_a_fraud_is_known(protocol, fraud_on, unknown):
    day = np.arange(60)
    split = protocol.week(40, day, np.ones(60, dtype=int), day == fraud_on)
    assert np.flatnonzero(split.unknown).tolist() == list(range(40, 40 + unknown))


@pytest.mark.parametrize(
    ("fraud", "score", "expected"),
    [
        ([1, 0, 1, 0], [4, 3, 2, 1], (1 + 2 / 3) / 2),
        ([0, 0, 1], [3, 2, 1], 1 / 3),
        ([1, 1, 0], [3, 2, 1], 1),
        ([1, 0, 0, 0], [1, 1, 1, 1], 1 / 4),
        ([0, 1, 0, 1], [2, 2, 1, 1], (1 / 2 + 1 / 2) / 2),
    ],
)
def test_average_precision(protocol, fraud, score, expected):
    found = protocol.average_precision(np.array(fraud, dtype=bool), np.array(score, dtype=float))
    assert found == pytest.approx(expected)


def test_a_week_without_fraud_has_no_average_precision(protocol):
    assert isnan(protocol.average_precision(np.zeros(3, dtype=bool), np.ones(3)))
    assert isnan(protocol.average_precision(np.zeros(0, dtype=bool), np.ones(0)))


def test_a_card_that_was_found_is_not_looked_at_again(protocol):
    day = np.array([0, 0, 1, 1, 1])
    customer = np.array([1, 2, 1, 2, 3])
    fraud = np.array([1, 0, 1, 1, 0], dtype=bool)
    score = np.array([0.9, 0.1, 0.9, 0.8, 0.1])
    assert protocol.card_precision(day, customer, fraud, score, cards=1) == 1


def test_cards_count_by_their_highest_score(protocol):
    day = np.zeros(3, dtype=int)
    customer = np.array([1, 1, 2])
    fraud = np.array([1, 0, 0], dtype=bool)
    assert protocol.card_precision(day, customer, fraud, np.array([0.1, 0.9, 0.5]), cards=1) == 1
    assert protocol.card_precision(day, customer, fraud, np.array([0.1, 0.2, 0.5]), cards=1) == 0
