"""What requests on fraud may hold, and which payment of the domain each is."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from compliance_guardian.fraud.features import FEATURES
from compliance_guardian.fraud.payments import Payment
from compliance_guardian.fraud_schemas import LabelItem, PaymentItem, PaymentToScore, ScoresRequest

PAYMENT = {
    "transaction_id": "t-1",
    "transacted_at": "2018-06-01T01:30:00.000001+02:00",
    "customer_id": "c",
    "terminal_id": "x",
    "amount": 12.3456,
    "currency": "EUR",
}


def test_a_payment_is_the_one_of_the_tables():
    expected = Payment(
        "shop",
        "t-1",
        datetime(2018, 5, 31, 23, 30, 0, 1, tzinfo=UTC),
        "c",
        "x",
        123_456,
        "EUR",
    )

    found = PaymentItem.model_validate(PAYMENT | {"customer_id": " c\t"}).of("shop")

    assert (found, found.identity) == (expected, expected.identity)


@pytest.mark.parametrize("amount", ["0.1", 0.1, "0.10"])
def test_amounts_are_exact_however_they_are_written(amount):
    assert PaymentItem.model_validate(PAYMENT | {"amount": amount}).of("s").amount == 1_000


def test_features_are_ordered_and_null_is_nan():
    given = {feature.name: float(n) for n, feature in enumerate(reversed(FEATURES))}
    given["amount_ratio"] = None

    values = PaymentToScore.model_validate(PAYMENT | {"features": given}).values

    assert math.isnan(values[[feature.name for feature in FEATURES].index("amount_ratio")])
    assert values[0] == len(FEATURES) - 1
    assert PaymentToScore.model_validate(PAYMENT).values is None


def test_features_that_are_missing_or_unknown_are_named():
    given = {feature.name: 1.0 for feature in FEATURES[1:]} | {"colour": 1.0}

    with pytest.raises(ValidationError, match="missing: amount; unknown: colour"):
        PaymentToScore.model_validate(PAYMENT | {"features": given})


def test_a_clock_may_be_fast_by_a_day_and_no_more():
    now = datetime.now(UTC)
    PaymentItem.model_validate(PAYMENT | {"transacted_at": now + timedelta(hours=23)})

    with pytest.raises(ValidationError, match="in the future"):
        PaymentItem.model_validate(PAYMENT | {"transacted_at": now + timedelta(hours=25)})


def test_an_investigation_ends_after_its_payment():
    good = {"payment": PAYMENT, "is_fraud": True, "investigated_at": PAYMENT["transacted_at"]}
    LabelItem.model_validate(good)

    with pytest.raises(ValidationError, match="before the payment"):
        LabelItem.model_validate(good | {"investigated_at": "2018-05-31T23:29:59Z"})


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"amount": True}, ("amount",)),
        ({"amount": "1e400"}, ("amount",)),
        ({"amount": 1_000_000_001}, ("amount",)),
        ({"customer_id": "c" * 201}, ("customer_id",)),
        ({"customer_id": 7}, ("customer_id",)),
        ({"transacted_at": "yesterday"}, ("transacted_at",)),
        ({"currency": "EURO"}, ("currency",)),
        ({"quantity": 1.5}, ("quantity",)),
    ],
)
def test_bad_payments_name_the_field(change, place):
    with pytest.raises(ValidationError) as error:
        PaymentItem.model_validate(PAYMENT | change)

    assert error.value.errors()[0]["loc"] == place


@pytest.mark.parametrize("source", ["", "Shop", "a b", "../x"])
def test_a_source_is_called_as_in_raw(source):
    with pytest.raises(ValidationError) as error:
        ScoresRequest.model_validate({"source": source, "payments": [PAYMENT]})

    assert error.value.errors()[0]["loc"] == ("source",)
