from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from datalake.contracts.insights import FRAUD_ALERTS, FRAUD_MONITORING
from tour.demo import Demo
from tour.parts import frauds
from unit.tour.conftest import printed

REASONS = [
    {"code": "amount_ratio", "text": "Amount 9.0 times the median", "contribution": 3.0},
    {"code": "terminal", "text": "2 known frauds", "contribution": 1.0},
    {"code": "card", "text": "Nothing else is high", "contribution": -0.5},
]


def alerts(*rows: tuple[int, int, str]) -> pl.DataFrame:
    """Day of June, rank, card."""
    made = [
        {
            "day": date(2018, 6, day), "rank": rank, "customer_id": card, "terminal_id": None,
            "amount": Decimal(90), "currency": "EUR", "probability": 0.96, "lower": 0.9,
            "upper": 0.99, "reasons": json.dumps(REASONS),
            "transacted_at": datetime(2018, 6, day, tzinfo=UTC),
        }
        for day, rank, card in rows
    ]  # fmt: skip
    return pl.DataFrame(made, schema=FRAUD_ALERTS.schema)


def weeks(*rows: tuple[int, int, int, str]) -> pl.DataFrame:
    """Day of June, alerts, of which known labels say fraud for half, and the advice."""
    made = [
        {
            "week": date(2018, 6, day), "month": "2018-06", "payments": 1_000, "alerts": found,
            "alerts_labelled": labelled, "alerts_confirmed": labelled // 2, "advice": advice,
        }
        for day, found, labelled, advice in rows
    ]  # fmt: skip
    schema: Any = {**FRAUD_MONITORING.schema, "month": pl.String}
    return pl.DataFrame(made, schema=schema)


def test_alerts_are_of_the_last_day_with_what_speaks_for_fraud(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = alerts((1, 1, "old"), (2, 2, "second"), (2, 1, "first"), (2, 3, "c"), (2, 4, "d"))

    text = printed(capsys, frauds.alerts(found))

    first, *lines = text.splitlines()
    assert first == "The first of 4 cards to be investigated of 2018-06-02:"
    assert lines[0].startswith("  card first: 90.00 EUR, fraud with a probability of 96%")
    assert [line.strip() for line in lines[1:3]] == [one["text"] for one in REASONS[:2]]
    assert lines[3].startswith("  card second")
    assert len(lines) == 9


def test_the_summary_adds_up_weeks_and_ends_with_the_newest_advice(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = weeks((11, 5, 0, "Do not train."), (4, 10, 8, "Train again."))

    text = printed(capsys, frauds.summary(found))

    assert text.splitlines() == [
        "2,000 payments scored, 15 alerts; of 8 with known labels 50% were fraud.",
        "Do not train.",
    ]


def test_without_payments_it_says_so(capsys: pytest.CaptureFixture[str], demo: Demo) -> None:
    assert printed(capsys, frauds.show(demo)).strip() == "No payment was scored."


def test_without_known_labels_no_share_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, frauds.summary(weeks((4, 10, 0, "x"))))

    assert text.startswith("1,000 payments scored, 10 alerts.")
