"""Features follow from what was known at the time of a payment."""

from datetime import UTC, datetime, timedelta
from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_guardian.fraud.features import FEATURES, add_label, amount_ratio, features
from compliance_guardian.fraud.history import CustomerHistory, TerminalHistory
from compliance_guardian.fraud.payments import Payment

# A Friday.
START = datetime(2018, 6, 1, tzinfo=UTC)


def payment(hours, amount=10, customer="c", number=0):
    at = START + timedelta(hours=hours)
    return Payment("s", f"t{number}", at, customer, "x", round(amount * 10_000), "EUR")


class World:
    """One terminal and its customers."""

    def __init__(self):
        self.terminal = TerminalHistory()
        self.customers = {}

    def customer(self, one):
        return self.customers.setdefault(one.customer_id, CustomerHistory())

    def add(self, one):
        self.customer(one).add(one)
        self.terminal.add(one)
        return one

    def label(self, one, is_fraud=True, days=7):
        known_at = one.at + timedelta(days=days)
        add_label(one, is_fraud, known_at, self.customer(one), self.terminal)

    def of(self, one):
        values = features(one, self.customer(one), self.terminal)
        return dict(zip([feature.name for feature in FEATURES], values, strict=True))


def test_names_are_distinct_and_told_in_words():
    assert len({feature.name for feature in FEATURES}) == len(FEATURES)
    assert all(feature.description and feature.topic for feature in FEATURES)


def test_a_first_payment_has_no_history():
    found = World().of(payment(30))

    assert found["amount"] == 10
    assert found["is_weekend"] == found["is_night"] == 1
    assert found["customer_count_30d"] == 1
    assert found["customer_payments"] == 0
    assert isnan(found["amount_ratio"])
    assert found["terminal_count_30d"] == found["terminal_fraud_risk_30d"] == 0


def test_without_a_terminal_its_features_are_nan():
    values = features(payment(1), CustomerHistory(), None)

    assert len(values) == len(FEATURES)
    assert all(
        isnan(v) for v, f in zip(values, FEATURES, strict=True) if f.topic.startswith("terminal")
    )


def test_a_payment_counts_once_whether_its_histories_hold_it_or_not():
    world = World()
    for number in range(5):
        world.add(payment(number, 10 + number))
    one = payment(10, 50)
    before = world.of(one)
    world.add(one)

    assert str(world.of(one)) == str(before)
    assert before["customer_count_1d"] == 6
    assert before["amount_ratio"] == pytest.approx(50 / 12)
    assert amount_ratio(one, world.customer(one)) == before["amount_ratio"]


def test_high_amounts_of_a_card():
    world = World()
    for number in range(10):
        world.add(payment(number, 10))
    fraud = world.add(payment(24, 60))
    world.label(fraud)
    world.add(payment(24 * 6, 30, number=1))
    world.add(payment(24 * 9, 25, number=2))

    found = world.of(payment(24 * 9 + 12, 9, number=3))

    assert found["high_amounts_7d"] == 2
    assert found["high_amounts_1d"] == 1
    assert found["highest_ratio_7d"] == 3
    assert found["days_since_high_amount"] == 0.5
    assert found["card_frauds_14d"] == 1
    assert found["days_since_card_fraud"] == 8


def test_frauds_by_usual_amounts_speak_against_the_terminal():
    world = World()
    for customer in "abc":
        for number in range(4):
            world.add(payment(-24 * 5 + number, 10, customer))
    for day, customer, amount in ((0, "a", 11), (1, "b", 12), (2, "c", 90)):
        world.label(world.add(payment(24 * day, amount, customer)))

    found = world.of(payment(24 * 12, 10, "d"))

    assert found["terminal_frauds"] == 2
    assert found["days_since_first_terminal_fraud"] == 12
    assert found["days_since_last_terminal_fraud"] == 11
    assert found["honest_since_first_terminal_fraud"] == 0
    assert found["terminal_run"] == 2
    assert found["days_since_run_began"] == 12
    assert found["days_since_honest"] == 17
    assert found["terminal_run_ratio"] == pytest.approx(1.1)

    world.add(payment(24 * 4, 10, "e"))
    found = world.of(payment(24 * 12, 10, "d"))
    assert (found["terminal_run"], found["honest_since_first_terminal_fraud"]) == (0, 1)
    assert found["days_since_honest"] == 8


EVENT = st.tuples(
    st.integers(0, 24 * 40),
    st.sampled_from("ab"),
    st.sampled_from([8, 10, 12, 40]),
    st.sampled_from([None, None, (True, 1), (True, 7), (False, 12)]),
)


@given(events=st.lists(EVENT, max_size=40), now=EVENT, later=st.lists(EVENT, max_size=10))
def test_the_future_changes_no_feature(events, now, later):
    """Payments after an instant and labels known after it, of whatever payment."""
    one = payment(now[0], now[2], now[1], 99)
    small, whole = World(), World()
    for number, (hours, customer, amount, verdict) in enumerate(events):
        other = payment(hours, amount, customer, number)
        whole.add(other)
        if other.at <= one.at:
            small.add(other)
        if verdict:
            whole.label(other, *verdict)
            if other.at <= one.at and other.at + timedelta(days=verdict[1]) <= one.at:
                small.label(other, *verdict)
    for number, (hours, customer, amount, _) in enumerate(later, 100):
        whole.add(payment(now[0] + 1 + hours, amount, customer, number))

    assert str(whole.of(one)) == str(small.of(one))
