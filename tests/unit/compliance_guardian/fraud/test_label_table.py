"""Investigations are kept once each; the newest counts from its time on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from compliance_guardian.fraud.label_table import ContradictionError, Investigation, LabelTable
from compliance_guardian.fraud.payments import Payment
from datalake.memory_items import MemoryItems

NUMBER = "4539578763621486"
AT = datetime(2018, 6, 30, 23, 30, tzinfo=UTC)
PAYMENT = Payment("s", NUMBER, AT, NUMBER, "x", 10_000, "EUR")
FIRST = Investigation(PAYMENT, True, AT + timedelta(days=3))


@pytest.fixture
def items():
    return MemoryItems()


def test_investigations_are_found_by_month_in_the_order_of_time(items):
    table = LabelTable(items)
    second = Investigation(PAYMENT, False, AT + timedelta(days=9))

    assert table.add(second)
    assert table.add(FIRST)

    expected = {PAYMENT.identity: [(FIRST.investigated_at, True), (second.investigated_at, False)]}
    assert table.verdicts("s", ["2018-06"]) == expected
    assert table.verdicts("s", ["2018-05", "2018-07"]) == table.verdicts("t", ["2018-06"]) == {}


def test_a_repetition_changes_nothing_whatever_the_time_zone(items):
    table = LabelTable(items)
    table.add(FIRST)
    elsewhere = timezone(timedelta(hours=9))
    same = Investigation(
        replace(PAYMENT, at=AT.astimezone(elsewhere)),
        True,
        FIRST.investigated_at.astimezone(elsewhere),
    )

    assert not table.add(same)
    assert len(table.verdicts("s", ["2018-06"])[PAYMENT.identity]) == 1


def test_the_opposite_at_the_same_time_is_refused(items):
    table = LabelTable(items)
    table.add(FIRST)

    with pytest.raises(ContradictionError, match="found the opposite"):
        table.add(replace(FIRST, is_fraud=False))

    assert table.verdicts("s", ["2018-06"])[PAYMENT.identity] == [(FIRST.investigated_at, True)]


def test_no_identifier_is_stored(items):
    LabelTable(items).add(FIRST)

    assert NUMBER not in str(list(items.query("s/2018-06")))
