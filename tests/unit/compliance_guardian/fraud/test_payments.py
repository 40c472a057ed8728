"""Payments are told apart by what the tables have as their key."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from compliance_guardian.fraud.payments import Payment

PAYMENT = Payment("shop", "t1", datetime(2018, 6, 1, 12, tzinfo=UTC), "c1", "x9", 125_000, "EUR", 2)


@pytest.mark.parametrize(
    "change",
    [
        {"transaction_id": None},
        {"transaction_id": "t2"},
        {"at": PAYMENT.at + timedelta(microseconds=1)},
        {"customer_id": "c2"},
        {"terminal_id": None},
        {"amount": 125_001},
        {"currency": "GBP"},
        {"quantity": None},
    ],
)
def test_another_value_is_another_payment(change):
    assert replace(PAYMENT, **change).identity != PAYMENT.identity


def test_the_same_instant_in_another_zone_is_the_same_payment():
    elsewhere = PAYMENT.at.astimezone(timezone(timedelta(hours=5)))

    assert replace(PAYMENT, at=elsewhere).identity == PAYMENT.identity
    assert replace(PAYMENT, at=elsewhere).microseconds == 1_527_854_400_000_000


def test_values_do_not_run_into_one_another():
    first = replace(PAYMENT, customer_id="a', 'b", terminal_id="c")
    second = replace(PAYMENT, customer_id="a", terminal_id="b', 'c")

    assert first.identity != second.identity


def test_whose_history_it_belongs_to():
    assert PAYMENT.account == ("shop", "c1", "EUR")
    assert PAYMENT.terminal == ("shop", "x9")
    assert replace(PAYMENT, terminal_id=None).terminal is None
