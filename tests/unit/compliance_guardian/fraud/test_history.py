"""A history is a function of the set of its payments and labels, and bounded."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_guardian.fraud.history import (
    CustomerHistory,
    HistoryError,
    Label,
    TerminalHistory,
)
from compliance_guardian.fraud.payments import Payment

START = datetime(2018, 6, 1, tzinfo=UTC)


def payment(hours, number=0, amount=10_000):
    return Payment("s", f"t{number}", START + timedelta(hours=hours), "c", "x", amount, "EUR")


def label(history, one, is_fraud, days):
    known_at = one.at + timedelta(days=days)
    if isinstance(history, TerminalHistory):
        history.add_label(one, is_fraud, known_at, 1.5)
    else:
        history.add_label(one, is_fraud, known_at)


EVENTS = st.lists(
    st.tuples(
        st.integers(0, 24 * 200),
        st.integers(0, 2),
        st.sampled_from([None, (True, 3), (False, 3), (False, 9), (True, 20)]),
    ),
    min_size=1,
    max_size=30,
)


@pytest.mark.parametrize("kind", [CustomerHistory, TerminalHistory])
@given(events=EVENTS, seed=st.integers(0, 100))
def test_order_and_repetition_change_nothing(kind, events, seed):
    def filled(these):
        history = kind()
        for hours, number, verdict in these:
            one = payment(hours, number)
            history.add(one)
            if verdict:
                label(history, one, *verdict)
        return history.to_bytes()

    shuffled = [*events, *events]
    random.Random(seed).shuffle(shuffled)
    assert filled(shuffled) == filled(events)


@pytest.mark.parametrize("kind", [CustomerHistory, TerminalHistory])
@given(events=EVENTS)
def test_what_is_stored_is_read_again(kind, events):
    history = kind()
    for hours, number, verdict in events:
        history.add(payment(hours, number))
        if verdict:
            label(history, payment(hours, number), *verdict)

    again = kind.from_bytes(history.to_bytes())

    assert again.to_bytes() == history.to_bytes()
    assert (again.times, again.identities) == (history.times, history.identities)
    assert len(again.labels) == len(history.labels)


def test_only_new_payments_change_it():
    history = CustomerHistory()

    assert history.add(payment(5))
    assert not history.add(payment(5))
    assert history.add(payment(5, 1))
    assert history.add(payment(24 * 300))
    assert not history.add(payment(6))
    assert len(history) == 1


@pytest.mark.parametrize("kind", [CustomerHistory, TerminalHistory])
def test_the_most_that_it_keeps_fits_a_dynamodb_item(kind, monkeypatch):
    whole = kind.MOST
    monkeypatch.setattr(kind, "MOST", 300)
    monkeypatch.setattr(kind, "MOST_LABELS", 100)
    history = kind()
    for number in range(400):
        one = payment(number)
        history.add(one)
        for days in range(10):
            label(history, one, days % 2 == 0, days)

    assert len(history) == 300
    assert len(history.labels) == 100
    assert all(len(one.verdicts) == 4 for one in history.labels)
    assert history.times[0] == payment(100).microseconds
    assert not history.add(payment(50))
    labels = len(history.to_bytes()) - len(_unlabelled(history, kind).to_bytes())
    columns = 8 * (3 if kind.HAS_AMOUNTS else 2)
    assert whole * columns + labels / 100 * 1_024 < 400_000 - 2_000


def _unlabelled(history, kind):
    again = kind.from_bytes(history.to_bytes())
    again.labels.clear()
    return again


def test_the_newest_verdict_that_is_known_counts():
    history = TerminalHistory()
    one = payment(0)
    label(history, one, True, 2)
    label(history, one, False, 10)
    day = 86_400_000_000

    frauds = [len(history.frauds(one.microseconds + days * day)) for days in (1, 2, 9, 10, 30)]

    assert frauds == [0, 1, 1, 0, 0]


def test_a_label_of_a_payment_brings_the_payment():
    history = CustomerHistory()
    label(history, payment(0), True, 7)

    assert len(history) == 1


def test_of_two_verdicts_of_one_instant_fraud_counts():
    one = Label(0, 1, 1.0, sorted([(5, True), (5, False)]))

    assert one.is_fraud(5)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cut or damaged"),
        (b"\x63" + bytes(8), "version 99, this code reads 1"),
        (b"\x01\x02\0\0\0\0\0\0\0" + bytes(24), "24|bytes"),
        (b"\x01\0\0\0\0\x01\0\0\0" + bytes(3), "cut or damaged"),
        (b"\x01\0\0\0\0\0\0\0\0" + bytes(3), "12 bytes where 9"),
    ],
)
def test_other_bytes_are_refused(content, message):
    with pytest.raises(HistoryError, match=message):
        CustomerHistory.from_bytes(content)


@pytest.mark.parametrize("kind", [CustomerHistory, TerminalHistory])
@given(events=EVENTS, parts=st.lists(st.integers(0, 2), min_size=30, max_size=30))
def test_histories_of_parts_merge_to_that_of_all_in_any_order(kind, events, parts):
    whole = kind()
    pieces = [kind(), kind(), kind()]
    for (hours, number, verdict), part in zip(events, parts, strict=False):
        one = payment(hours, number)
        for history in (whole, pieces[part]):
            history.add(one)
            if verdict:
                label(history, one, *verdict)

    for order in (pieces, pieces[::-1], [*pieces, *pieces]):
        merged = kind()
        for piece in order:
            merged.merge(piece)
        assert merged.to_bytes() == whole.to_bytes()
        assert not merged.merge(whole)


def test_investigations_of_another_history_are_taken_in_and_the_tables_labels_are_not():
    day = timedelta(days=1)
    first, second, gone = payment(0), payment(1), payment(2)
    history, other = TerminalHistory(), TerminalHistory()
    history.add_label(first, True, first.at + day, 2.0)
    history.add(second)
    for one in (first, second, gone):
        other.add_label(one, True, one.at + 7 * day, 3.0)
        other.add_label(one, False, one.at + 9 * day, 3.0)

    history.add_investigations(other, 7)

    found = {label.identity: (len(label.verdicts), label.ratio) for label in history.labels}
    assert found == {first.identity: (2, 2.0), second.identity: (1, 3.0)}
    assert not any(label.is_fraud(10**18) for label in history.labels)
