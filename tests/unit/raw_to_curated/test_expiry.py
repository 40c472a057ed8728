"""S3 removes what is staged, and no result."""

from __future__ import annotations

from datalake.layout import CuratedObject, history_key
from fleet.catalogue import load
from fleet.paths import CATALOGUE


def test_what_is_staged_expires_and_nothing_else() -> None:
    prefixes = tuple(load(CATALOGUE).expire_days["curated"])

    assert CuratedObject.of("source", "source/all.csv").staging_prefix("1").startswith(prefixes)
    for key in (
        CuratedObject.of("source", "source/all.csv").table_key("orders"),
        CuratedObject.of("source", "source/all.csv").report_key,
        CuratedObject.of("source", "source/all.csv").rejection_key,
        CuratedObject.of("source", "source/all.csv").page_key,
        history_key("source"),
    ):
        assert not key.startswith(prefixes)
