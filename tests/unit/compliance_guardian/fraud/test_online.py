"""Requests in the light of histories: what they see, what is missing, what they tell."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_guardian.fraud.features import FEATURES
from compliance_guardian.fraud.history_table import HistoryTable
from compliance_guardian.fraud.label_table import Investigation
from compliance_guardian.fraud.online import FEW, learn, observe, warnings
from compliance_guardian.fraud.payments import Payment
from compliance_guardian.fraud.replay import Replay
from datalake.memory_items import MemoryItems

AT = datetime(2018, 6, 1, tzinfo=UTC)
NAMES = [feature.name for feature in FEATURES]


def payment(day=0.0, amount=100_000, customer="c", terminal="x"):
    return Payment("s", None, AT + timedelta(days=day), customer, terminal, amount, "EUR")


def table_of(*payments):
    replay = Replay()
    for one in payments:
        replay.insert(one)
    table = HistoryTable(MemoryItems())
    table.merge(replay)
    return table


def values(**given_values):
    enough = {"customer_payments": 100.0, "terminal_count_30d": 9.0}
    return [(enough | given_values).get(name, 1.0) for name in NAMES]


@given(
    known=st.lists(st.integers(0, 400), max_size=6),
    asked=st.lists(st.tuples(st.integers(0, 400), st.integers(1, 9)), min_size=1, max_size=6),
)
def test_payments_see_what_a_replay_of_all_in_order_of_time_sees(known, asked):
    stored = [payment(hours / 24) for hours in known]
    request = [payment(hours / 24, amount * 100_000) for hours, amount in asked]
    everything = sorted({*stored, *request}, key=lambda one: one.microseconds)
    expected = dict(Replay().features((one, False) for one in everything))

    found = observe(table_of(*stored), request)

    assert [str(row) for row in found] == [str(expected[one]) for one in request]


def test_nothing_asked_nothing_found():
    assert observe(table_of(), []) == []


def test_enough_history_gives_no_warning():
    assert warnings(values()) == []


@pytest.mark.parametrize(
    ("given_values", "part"),
    [
        ({"customer_payments": 0.0}, "No payment of the customer"),
        ({"customer_payments": 1.0}, "Only 1 payment of the customer in the 60 days before is"),
        ({"customer_payments": FEW - 1.0}, "Only 4 payments of the customer"),
        ({"terminal_count_30d": 0.0}, "No payment at the terminal"),
        ({"terminal_count_30d": nan}, "names no terminal"),
    ],
)
def test_too_little_history_gives_a_warning(given_values, part):
    [warning] = warnings(values(**given_values))

    assert part in warning


def test_a_label_counts_from_its_time_on():
    fraud = payment(10, 300_000)
    stored = [*(payment(day) for day in range(10)), fraud]
    table = table_of(*stored)
    before, after = payment(11.9), payment(12.1)
    unlabelled = observe(table, [before])

    assert learn(table, [Investigation(fraud, True, AT + timedelta(days=12))]) == {fraud.identity}

    assert str(observe(table, [before])) == str(unlabelled)
    [row] = observe(table, [after])
    assert row[NAMES.index("card_frauds_14d")] == 1


def test_labels_in_any_order_and_repeated_leave_the_same():
    fraud = payment(10, 300_000)
    labels = [
        Investigation(fraud, verdict, AT + timedelta(days=day))
        for verdict, day in ((True, 11), (False, 13), (True, 15))
    ]
    tables = [table_of(payment(9), fraud) for _ in range(2)]

    learn(tables[0], labels)
    for one in [*reversed(labels), labels[1]]:
        learn(tables[1], [one])

    [first, second] = [table.read([fraud]).customers[fraud.account] for table in tables]
    assert first.to_bytes() == second.to_bytes()


@pytest.mark.parametrize(
    "unknown", [payment(3, 999), payment(3, customer="other"), payment(3, terminal="other")]
)
def test_a_label_of_an_unknown_payment_is_told_to_nobody(unknown):
    table = table_of(payment(3))
    before = dict(table._items._items)

    assert learn(table, [Investigation(unknown, True, AT + timedelta(days=9))]) == set()
    assert table._items._items == before


def test_a_payment_without_terminal_is_told_to_its_customer():
    one = replace(payment(3), terminal_id=None)
    table = table_of(one)

    assert learn(table, [Investigation(one, True, AT + timedelta(days=9))]) == {one.identity}
    assert table.read([one]).customers[one.account].labels
