"""P(alive) through time."""

from datetime import timedelta

import numpy as np
import pytest

from customer_days import FIRST, days_of
from demand_insights_engine.customers.activity import BgNbd, probability_active, through_time
from demand_insights_engine.customers.bgnbd import p_alive
from demand_insights_engine.customers.transactions import histories

MODEL = BgNbd(0.243, 4.414, 0.793, 2.426)
BOUGHT = [0, 10, 30, 31, 200]


def at(days):
    return [FIRST + timedelta(days=day) for day in days]


def test_it_is_what_was_known_on_each_day():
    dates = at(range(1, 260, 7))
    days = days_of(*(("a", day, 5) for day in BOUGHT))

    assert through_time(MODEL, at(BOUGHT), dates) == pytest.approx(
        [p_alive(MODEL, histories(days, one))[0] for one in dates]
    )


def test_nothing_is_said_before_the_first_purchase():
    assert np.isnan(through_time(MODEL, at([5]), at([0, 5]))).all()
    assert through_time(MODEL, at([5]), at([6])).tolist() == [1.0]
    assert np.isnan(through_time(MODEL, [], at([6]))).all()


def test_it_falls_in_silence_and_rises_with_a_purchase():
    found = through_time(MODEL, at(BOUGHT), at([40, 100, 200, 201]))

    assert found[0] > found[1] > found[2] < found[3]


def test_order_and_repetition_change_nothing():
    dates = at([40, 100])

    assert through_time(MODEL, at([30, 0, 30, 10]), dates).tolist() == (
        through_time(MODEL, at([0, 10, 30]), dates).tolist()
    )


def test_odds_beyond_any_float_are_certain():
    long_gone = probability_active(MODEL, np.array([5000.0]), np.array([1.0]), np.array([1e6]))

    assert long_gone.tolist() == [0.0]
