from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from datalake.contracts.insights import CUSTOMER_CARDS
from tour.demo import Demo
from tour.parts import leaving
from unit.tour.conftest import printed

UNKNOWN = "no probability to leave: 1 customer"


def cards(*rows: tuple[str, float | None, float | None]) -> pl.DataFrame:
    """Customer, probability to leave, expected spend."""
    made = [
        {
            "customer_id": customer, "currency": "GBP", "as_of": date(2011, 12, 10),
            "last_day": date(2011, 6, 1), "purchase_days": 4, "segment": "at risk",
            "horizon_days": 90, "p_leaves": p, "p_leaves_lower": p, "p_leaves_upper": p,
            "spend": spend, "warnings": [UNKNOWN] if p is None else [],
        }
        for customer, p, spend in rows
    ]  # fmt: skip
    return pl.DataFrame(made, schema=CUSTOMER_CARDS.schema)


def test_those_with_the_most_to_lose_come_first(capsys: pytest.CaptureFixture[str]) -> None:
    found = leaving.leaving(cards(("a", 0.9, 10.0), ("b", 0.6, 2_000.0), ("c", 0.4, 9_000.0)))

    text = printed(capsys, found)

    assert "2 of 3 customers will more likely than not buy nothing" in text
    assert text.index("  b (at risk)") < text.index("  a (at risk)")
    assert "probability of 60% (60% to 60%), else spends 2,000 GBP" in text
    assert "  c " not in text


def test_says_why_nobody_is_assessed(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, leaving.leaving(cards(("a", None, 10.0))))

    assert "Too little is known to tell: no probability to leave: 1 customer." in text


def test_nothing_is_told_without_customers(demo: Demo, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Too little is known to tell." in printed(capsys, leaving.show(demo))
