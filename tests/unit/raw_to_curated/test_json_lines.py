from __future__ import annotations

import io

import pytest

from data_plane.curation import curate
from data_plane.sources import CARD, CUSTOMERS, card_frame, only


def test_json_lines_give_what_parquet_gives() -> None:
    text = card_frame().head(2).write_ndjson().replace("T00:01:11.000000", " 00:01:11")
    text = text.replace("T00:00:00.000000", " 00:00:00")
    body = io.BytesIO()
    card_frame().head(2).write_parquet(body)
    assert only(curate(CARD, "card-transactions/a.jsonl", text.encode())).equals(
        only(curate(CARD, "card-transactions/a.parquet", body.getvalue()))
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("not JSON", "malformed_json"),
        ("[1]", "malformed_json"),
        ("[" * 100_000, "malformed_json"),
        ('{"customer_id": "1", "customer_id": "2"}', "malformed_json"),
        ('{"customer_id": "\\ud800"}', "malformed_json"),
        ('{"customer_id": {"a": 1}}', "nested_value"),
        ('{"customer_id": "1", "later": 1}', "unknown_member"),
        ('{"country": "UK"}', "missing_required"),
        ('{"customer_id": "1", "registered_at": "yesterday"}', "unparseable_date"),
    ],
)
def test_a_bad_json_line_is_quarantined_whole(line: str, reason: str) -> None:
    good = '{"customer_id": 17850, "country": "UK"}\n'
    text = good * 2_000 + "\n" + line + "\n"
    curated = curate(CUSTOMERS, "customer-master/a.jsonl", text.encode())
    (bad,) = curated.quarantine.rows(named=True)
    assert (bad["reasons"], bad["line_number"], bad["raw_text"]) == ([reason], 2_002, line)
    assert (curated.blank_lines, curated.exact_duplicates) == (1, 1_999)
