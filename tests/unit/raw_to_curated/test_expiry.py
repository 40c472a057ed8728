"""S3 removes what is staged, and no result."""

from __future__ import annotations

from fleet.catalogue import load
from fleet.paths import CATALOGUE
from raw_to_curated import layout


def test_what_is_staged_expires_and_nothing_else() -> None:
    prefixes = tuple(load(CATALOGUE).expire_days["curated"])

    assert layout.staging_prefix("source", "source/all.csv", "1").startswith(prefixes)
    for key in (
        layout.table_key("orders", "source", "source/all.csv"),
        layout.report_key("source", "source/all.csv"),
        layout.rejection_key("source", "source/all.csv"),
        layout.page_key("source", "source/all.csv"),
        layout.history_key("source"),
    ):
        assert not key.startswith(prefixes)
