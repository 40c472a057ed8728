from __future__ import annotations

from raw_to_curated.reasons import ROW_SENTENCES, RowReason


def test_every_row_reason_has_a_sentence() -> None:
    assert set(ROW_SENTENCES) == set(RowReason)
