"""Rows of the prod table become payments in order, and are shown without a number."""

from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl

from compliance_guardian.fraud.names import payment_id
from compliance_guardian.fraud.payment_rows import PaymentRows
from compliance_guardian.fraud.payments import Payment
from datalake.contracts.prod import MERGED_TRANSACTIONS

NUMBER = "4539578763621486"


def of(*given):
    base = {
        "transaction_id": None,
        "customer_id": "c",
        "terminal_id": "x",
        "transacted_at": datetime(2018, 3, 1, tzinfo=UTC),
        "amount": Decimal(1),
        "currency": "EUR",
        "quantity": None,
        "is_fraud": None,
    }
    rows = [{**base, **row} for row in given]
    return PaymentRows.of("s", pl.DataFrame(rows, schema=MERGED_TRANSACTIONS.schema))


def test_payments_are_those_of_the_rows_in_order_of_time():
    found = of(
        {"transacted_at": datetime(2018, 3, 2, 1, 2, 3, 4, tzinfo=UTC), "is_fraud": True},
        {"transaction_id": "t", "amount": Decimal("0.0001"), "quantity": 2, "terminal_id": None},
    )

    first = datetime(2018, 3, 1, tzinfo=UTC)
    second = datetime(2018, 3, 2, 1, 2, 3, 4, tzinfo=UTC)
    assert found.payments == [
        Payment("s", "t", first, "c", None, 1, "EUR", 2),
        Payment("s", None, second, "c", "x", 10_000, "EUR", None),
    ]
    assert found.is_fraud == [None, True]
    assert [is_fraud for _, is_fraud in found.labelled] == [False, True]
    assert found.ids.to_list() == [payment_id(payment) for payment in found.payments]


def test_the_largest_amount_is_exact():
    [payment] = of({"amount": Decimal("99999999999999.9999")}).payments

    assert payment.amount == 10**18 - 1


def test_weeks_begin_on_monday():
    found = of(*({"transacted_at": datetime(2018, 3, day, 23, tzinfo=UTC)} for day in (4, 5, 11)))

    assert found.weeks == [date(2018, 2, 26), date(2018, 3, 5), date(2018, 3, 5)]


def test_numbers_are_shown_masked_and_other_identifiers_as_they_are():
    names = ("transaction_id", "customer_id", "terminal_id")
    found = of(dict.fromkeys(names, NUMBER), dict.fromkeys(names, "a-1")).shown

    for name in names:
        assert sorted(found[name]) == ["453957******1486", "a-1"]


def test_no_rows_are_no_payments():
    found = of()

    assert found.payments == found.labelled == found.weeks == []
    assert found.shown.is_empty()
