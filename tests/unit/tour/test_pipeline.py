from __future__ import annotations

import pytest

from fleet import console
from tour.pipeline import Result, _print_results

CURATED = {
    "rows_in": 1100,
    "rows_curated": {"orders": 1080, "returns": 3},
    "rows_quarantined": 10,
    "exact_duplicates": 7,
    "quarantine_reasons": {"price_missing": 10},
}


def test_prints_what_became_of_every_row(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console.out, "file", None)

    _print_results([Result("b.csv", CURATED), Result("a.csv", {"status": "rejected"})], 2.0)

    text = capsys.readouterr().out
    assert "1,100 rows in = 1,083 curated + 10 quarantined + 7 exact duplicates, 2.0 s" in text
    assert "10  price_missing" in text
    assert text.index("a.csv") < text.index("b.csv")
