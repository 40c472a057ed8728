from __future__ import annotations

from datetime import UTC, datetime

from data_plane.curation import curate
from data_plane.sources import CUSTOMERS, only


def test_times_are_utc_and_unknown_values_null() -> None:
    lines = (
        '{"customer_id": "17850", "country": "France", "registered_at": "2010-01-02T03:04:05Z"}\n'
    )
    row = only(curate(CUSTOMERS, "customer-master/a.jsonl", lines.encode())).row(0, named=True)
    assert (row["customer_id"], row["country"], row["segment"]) == ("17850", "France", None)
    assert row["registered_at"] == datetime(2010, 1, 2, 3, 4, 5, tzinfo=UTC)
