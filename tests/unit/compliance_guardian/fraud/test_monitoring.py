"""Weeks are judged by labels that are known, and say when to train again."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from compliance_guardian.fraud.monitoring import Week, known_labels, monitoring_rows
from compliance_guardian.fraud.names import alert_id
from compliance_guardian.fraud.payment_rows import PaymentRows
from datalake.contracts.insights import FRAUD_ALERTS, FRAUD_DRIFT, FRAUD_SCORES
from datalake.contracts.prod import MERGED_TRANSACTIONS

START = datetime(2018, 3, 5, tzinfo=UTC)
MONDAY = START.date()


def payments(*given):
    """Payments, each of (hours after START, customer, label)."""
    rows = [
        {
            "transaction_id": str(number),
            "customer_id": customer,
            "terminal_id": None,
            "transacted_at": START + timedelta(hours=hours),
            "amount": Decimal(1),
            "currency": "EUR",
            "quantity": None,
            "is_fraud": is_fraud,
        }
        for number, (hours, customer, is_fraud) in enumerate(given)
    ]
    return PaymentRows.of("s", pl.DataFrame(rows, schema=MERGED_TRANSACTIONS.schema))


def scores(of, probability):
    return of.shown.with_columns(
        probability=pl.lit(probability), lower=pl.lit(probability), upper=pl.lit(probability)
    )


def alerts(*cards):
    rows = [{"alert_id": alert_id(day, "s", customer), "day": day} for day, customer in cards]
    return FRAUD_ALERTS.frame(rows)


NO_DRIFT = FRAUD_DRIFT.frame([])


def test_a_label_is_known_after_seven_days():
    of = payments((0, "c", True), (1, "c", False), (2, "c", True), (3, "c", None))

    found = known_labels(of, {}, START + timedelta(days=7, hours=1))

    assert found == [True, False, None, None]


@pytest.mark.parametrize(
    ("label", "told", "expected"),
    [
        (None, [(1, True)], True),
        (False, [(1, True)], True),
        (True, [(1, False)], True),
        (True, [(24 * 8, False)], False),
        (False, [(1, True), (2, False)], False),
        (True, [(24 * 7, False)], True),
    ],
)
def test_the_newest_that_was_found_counts(label, told, expected):
    """The prod table's label of a fraud is of seven days after it; that it is honest means only
    that nobody found fraud."""
    of = payments((0, "c", label))
    verdicts = {of.payments[0].identity: [(START + timedelta(hours=h), f) for h, f in told]}

    assert known_labels(of, verdicts, START + timedelta(days=30)) == [expected]


def test_a_week_counts_its_payments_labels_and_alerts():
    of = payments(
        (0, "a", True), (1, "b", False), (2, "b", None), (24, "c", False), (168, "a", None)
    )
    labels = [True, False, None, False, None]
    second = MONDAY + timedelta(days=1)
    listed = alerts((MONDAY, "a"), (MONDAY, "b"), (second, "c"))

    first, last = monitoring_rows(of, labels, scores(of, 0.5), listed, NO_DRIFT).rows(named=True)

    assert (first["week"], last["week"]) == (MONDAY, MONDAY + timedelta(days=7))
    assert (first["days"], first["payments"], first["labelled"], first["frauds"]) == (2, 4, 3, 1)
    assert first["expected_frauds"] == 1.5
    # Of the second card one payment has no known label.
    counted = (first["alerts"], first["alerts_labelled"], first["alerts_confirmed"])
    assert (*counted, first["precision"]) == (3, 2, 1, 0.5)
    assert first["precision_lower"] < 0.5 < first["precision_upper"]
    assert (last["labelled"], last["alerts"], last["precision"]) == (0, 0, None)
    assert "no label" in last["advice"]


def week(*, frauds=10, expected=10.0, labelled=1_000, spread=(5.0, 5.0), shifted=()):
    return Week(7, 1_000, labelled, frauds, expected, spread, 0, 0, 0, shifted).row()


@pytest.mark.parametrize(
    ("found", "again", "why"),
    [
        (week(), False, "Do not train: the frauds are as many as expected; no feature has"),
        (week(frauds=15), False, "as many"),
        (week(frauds=16), True, "16 frauds, where 5.0 to 15.0 were expected."),
        (week(frauds=4), True, "4 frauds"),
        (week(frauds=0, labelled=0, expected=0, spread=(0, 0)), False, "no label is known yet"),
        (week(shifted=list("abcdefgh")), False, "shifted since the training: a, b, c, d, e and 3"),
        (week(shifted=list("abcdefghi")), True, "Train again: shifted since the training: a, b"),
    ],
)
def test_it_is_time_to_train_again_when_frauds_or_features_are_others(found, again, why):
    assert found["train_again"] is again
    assert why in found["advice"]


def test_more_frauds_than_chance_explains_are_told():
    of = payments(*((hour / 10, "c", hour < 40) for hour in range(1_000)))

    [found] = monitoring_rows(of, of.is_fraud, scores(of, 0.01), alerts(), NO_DRIFT).rows(
        named=True
    )

    assert (found["frauds"], found["expected_frauds"]) == (40, pytest.approx(10))
    assert found["expected_frauds_upper"] == pytest.approx(10 + 2.576 * 9.9**0.5)
    assert found["train_again"]


def test_a_wide_interval_of_the_probabilities_explains_more():
    of = payments(*((hour / 10, "c", hour < 20) for hour in range(1_000)))
    wide = scores(of, 0.01).with_columns(upper=pl.lit(0.03))

    [found] = monitoring_rows(of, of.is_fraud, wide, alerts(), NO_DRIFT).rows(named=True)

    assert not found["train_again"]


def test_shifted_features_are_those_of_the_week():
    of = payments((0, "c", None), (168, "c", None))
    drift = FRAUD_DRIFT.frame(
        [
            {"week": MONDAY, "feature": "amount", "level": "shifted"},
            {"week": MONDAY, "feature": "is_night", "level": "moved"},
            {"week": MONDAY + timedelta(days=7), "feature": "amount", "level": "stable"},
        ]
    )

    found = monitoring_rows(of, [None, None], scores(of, 0.1), alerts(), drift)

    assert found["shifted_features"].to_list() == [1, 0]
    assert "shifted since the training: amount." in found["advice"][0]


def test_no_payments_have_no_weeks():
    of = payments()
    none = FRAUD_SCORES.frame([])

    assert monitoring_rows(of, [], none, alerts(), NO_DRIFT).is_empty()
