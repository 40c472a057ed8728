from __future__ import annotations

import json

import polars as pl

from raw_to_curated.lines import KEPT_OF_LONG_LINE, MAX_LINE_BYTES
from raw_to_curated.records import LINE_NUMBER, RAW_TEXT, REASON, Records
from raw_to_curated.typed_files.received import records_of


def records(values: list[str | None], reasons: list[str | None]) -> Records:
    shown = pl.DataFrame({LINE_NUMBER: range(5, 5 + len(values)), "a": values})
    reason = pl.Series(REASON, reasons, dtype=pl.String)
    return records_of(shown.with_columns(reason), shown, blank_lines=2)


def test_rows_with_a_reason_are_malformed() -> None:
    found = records(["x", None, "z"], [None, "cell_error", None])
    assert found.rows.rows() == [(5, "x"), (7, "z")]
    assert found.malformed.rows() == [(6, '{"a":null}', "cell_error")]
    assert found.blank_lines == 2
    (text,) = found.raw_text(pl.Series([7]))[RAW_TEXT]
    assert json.loads(text) == {"a": "z"}


def test_a_row_that_no_line_could_hold() -> None:
    found = records(["x" * (MAX_LINE_BYTES + 1), "y"], [None, None])
    assert found.rows.height == 1
    ((number, text, reason),) = found.malformed.rows()
    assert (number, reason, len(text)) == (5, "record_too_long", KEPT_OF_LONG_LINE)
