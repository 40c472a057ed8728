"""Names tell no identifier, and none of them could be taken for a number."""

from datetime import UTC, date, datetime

import pytest

from compliance_guardian.fraud.names import alert_id, customer_key, payment_id, terminal_key
from compliance_guardian.fraud.payments import Payment
from compliance_guardian.pci.redaction import redacted_text

NUMBER = "4539578763621486"
PAYMENT = Payment(
    "s", NUMBER, datetime(2018, 6, 1, tzinfo=UTC), NUMBER, NUMBER, 10_000, "EUR"
)  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        payment_id(PAYMENT),
        alert_id(date(2018, 6, 1), "s", NUMBER),
        customer_key(PAYMENT.account).partition,
        terminal_key(("s", NUMBER)).partition,
    ],
)
def test_a_name_is_in_letters(name):
    assert NUMBER not in name
    assert redacted_text(name) == name
    assert name.removeprefix("2018-06-01-").isalpha()


def test_other_things_have_other_names():
    assert len(
        {
            customer_key(("s", "1", "EUR")),
            customer_key(("s", "1", "USD")),
            customer_key(("s1", "", "EUR")),
            terminal_key(("s", "1")),
        }
    ) == 4  # fmt: skip
    assert alert_id(date(2018, 6, 1), "s", "1") != alert_id(date(2018, 6, 1), "t", "1")
