from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from data_plane.curation import curate
from data_plane.sources import only
from raw_to_curated.sources import SOURCES


def test_columns_aligned_with_blanks() -> None:
    text = " customer_id  date number_of_cds  dollar_value\r\n 00001 19970101  1   11.77\r\n"
    row = only(curate(SOURCES["cdnow"], "cdnow/a.txt", text.encode())).row(0, named=True)
    assert (row["customer_id"], row["quantity"], row["amount"]) == ("00001", 1, Decimal("11.7700"))
    assert row["transacted_at"] == datetime(1997, 1, 1, tzinfo=UTC)
    assert row["line_number"] == 2
