"""A reason for each topic, in plain words, whatever the values are."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_guardian.fraud.features import FEATURES
from compliance_guardian.fraud.reasons import TEXTS, reasons
from fraud_model import NAMES

NUMBERS = st.floats(-1e6, 1e6)


def text_of(topic, **values):
    row = [values.get(name, 0.0) for name in NAMES]
    (found,) = [r.text for r in reasons(row, [0.0] * len(row)) if r.code == topic]
    return found


def test_every_topic_has_a_text():
    assert set(TEXTS) == {feature.topic for feature in FEATURES}


@given(
    st.lists(
        st.one_of(NUMBERS, st.sampled_from([nan, inf])),
        min_size=len(NAMES),
        max_size=len(NAMES),
    ),
    st.lists(NUMBERS, min_size=len(NAMES), max_size=len(NAMES)),
)
def test_reasons_have_the_sum_of_the_contributions_and_the_greatest_first(values, contributions):
    found = reasons(values, contributions)

    assert sum(r.contribution for r in found) == pytest.approx(sum(contributions), abs=1e-6)
    sizes = [abs(r.contribution) for r in found]
    assert sizes == sorted(sizes, reverse=True)
    assert len({r.code for r in found}) == len(found)
    assert all(r.text for r in found)


@pytest.mark.parametrize(
    ("topic", "values", "text"),
    [
        ("amount_ratio", {"amount_ratio": 6.23}, "Amount 6.2 times the customer's median"),
        ("amount_ratio", {"amount_ratio": nan}, "No payment of the customer in the 60 days"),
        ("amount", {"amount": 1234.5, "customer_mean_amount_30d": 52.1}, "Amount 1,234.50; the"),
        ("amount", {"amount": 12.0, "customer_mean_amount_30d": nan}, "Amount 12.00"),
        ("time", {"is_weekend": 1.0, "is_night": 1.0}, "Saturday or Sunday, before 07:00 UTC"),
        ("time", {}, "a weekday, after 07:00 UTC"),
        ("customer_activity", {"customer_count_1d": 3.0}, "3 in 1 day, 0 in 7 days, 0 in 30 days"),
        ("card", {}, "No other high amount"),
        ("card", {"card_frauds_14d": 1.0}, "1 known fraud by high amounts in 14 days"),
        (
            "card",
            {"high_amounts_7d": 2.0, "days_since_high_amount": 0.25},
            "2 other high amounts in 7 days, the last 0.2 days before",
        ),
        ("terminal", {"terminal_frauds": nan}, "No terminal is named"),
        ("terminal", {}, "No known fraud by a usual amount at the terminal in 35 days"),
        ("terminal", {"terminal_fraud_risk_30d": 0.25}, "25% of its payments"),
        (
            "terminal",
            {
                "terminal_frauds": 3.0,
                "days_since_last_terminal_fraud": 8.0,
                "days_since_honest": nan,
            },
            "3 known frauds at the terminal in 35 days, the last 8 days before, and no payment",
        ),
        (
            "terminal",
            {"terminal_frauds": 1.0, "days_since_honest": 9.0},
            "the last 0 days before; the last payment known to be honest was 9 days before",
        ),
        ("terminal_activity", {"terminal_count_30d": nan}, "No terminal is named"),
        ("terminal_activity", {"terminal_count_7d": 12.0}, "12 in 7 days"),
    ],
)
def test_texts_say_the_values(topic, values, text):
    assert text in text_of(topic, **values)
