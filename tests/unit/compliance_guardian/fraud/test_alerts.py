"""Which cards are investigated."""

import random
from datetime import UTC, date, datetime, timedelta

from compliance_guardian.fraud.alerts import Scored, card_alerts
from compliance_guardian.fraud.payments import Payment

DAY = datetime(2018, 6, 1, tzinfo=UTC)


def scored(customer, probability, hours=1, source="s"):
    at = DAY + timedelta(hours=hours)
    payment = Payment(source, None, at, customer, "x", 10_000, "EUR")
    return Scored(payment, probability, probability / 2, probability)


def cards(alerts):
    return [alert.worst.payment.customer_id for alert in alerts]


def test_no_more_cards_a_day_than_there_is_time_for():
    found = card_alerts([scored(str(n), n / 10) for n in range(10)], 0.3, 3)

    assert cards(found[date(2018, 6, 1)]) == ["9", "8", "7"]
    assert [alert.rank for alert in found[date(2018, 6, 1)]] == [1, 2, 3]


def test_a_card_takes_one_place_with_its_most_probable_fraud():
    payments = [scored("a", 0.9, 1), scored("a", 0.95, 2), scored("a", 0.1, 3), scored("b", 0.5)]

    [first, second] = card_alerts(payments, 0.2, 2)[date(2018, 6, 1)]

    assert (first.worst.probability, first.payments) == (0.95, 2)
    assert (second.worst.payment.customer_id, second.payments) == ("b", 1)
    assert first.alert_id.startswith("2018-06-01-")


def test_days_are_those_of_utc_and_each_has_its_places():
    found = card_alerts([scored("a", 0.9, 23.9), scored("a", 0.8, 24)], 0.5, 1)

    assert {day: cards(of) for day, of in found.items()} == {
        date(2018, 6, 1): ["a"],
        date(2018, 6, 2): ["a"],
    }


def test_the_order_of_payments_does_not_matter_even_among_equals():
    payments = [scored(str(n), 0.5, n % 5) for n in range(30)]
    shuffled = random.Random(1).sample(payments, 30)

    assert card_alerts(shuffled, 0.5, 7) == card_alerts(payments, 0.5, 7)


def test_nothing_reaches_the_threshold():
    assert card_alerts([scored("a", 0.4)], 0.5, 10) == {}
    assert card_alerts([], 0.0, 10) == {}
