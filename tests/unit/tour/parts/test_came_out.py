from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tour.demo import Demo
from tour.parts import came_out
from unit.tour.conftest import printed, report


def test_accounts_for_every_row(demo: Demo, capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, came_out.show(demo))

    assert re.findall(r"^(\S+) +([a-z_, ]+?) +(\d+) +(\d+) +(\d+) *$", text, re.MULTILINE) == [
        ("online-retail", "orders, returns", "16", "2", "2"),
        ("stocks", "market_series", "10", "0", "0"),
    ]
    assert "30 rows in = 26 curated + 2 quarantined + 2 exact duplicates, 1.0 s" in text
    assert re.search(r"^ +2  missing_required$", text, re.MULTILINE)
    assert "not curated" not in text


def test_says_why_a_file_was_rejected(demo: Demo, capsys: pytest.CaptureFixture[str]) -> None:
    rejected = report(
        "stocks/[x].csv", status="rejected", message="It is cut.", rows_in=0, rows_curated={},
        rows_quarantined=0, exact_duplicates=0, quarantine_reasons={},
    )  # fmt: skip
    delivery = replace(demo.delivery, reports=[rejected])

    text = printed(capsys, came_out.show(replace(demo, delivery=delivery)))

    assert "  stocks/[x].csv: It is cut." in text
    assert "Why rows" not in text
