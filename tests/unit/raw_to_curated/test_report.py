from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from datalake.quality_report import REPORT_VERSION
from datalake.storage import ObjectInfo
from lambda_app.s3_events import CreatedObject
from raw_to_curated import report
from raw_to_curated.curate import Counts
from raw_to_curated.date_limits import DateLimits
from raw_to_curated.drift import Observed
from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.report import curated_report, recipe_of, rejection_report
from raw_to_curated.sources import SOURCES
from raw_to_curated.sources.model import Source

SOURCE = SOURCES["price-list"]
RAW = CreatedObject("price-list/a.csv", "0A", "event", "v1")
INFO = ObjectInfo("etag", 12, {}, datetime(2026, 1, 1, tzinfo=UTC))


def content_of(source: Source, counts: Counts) -> dict[str, Any]:
    return curated_report(
        source,
        RAW,
        INFO,
        encoding="utf-8",
        dates=DateLimits(datetime(2026, 1, 3, tzinfo=UTC), date(2020, 1, 1)),
        counts=counts,
        observed=Observed({"Stock Code": "text"}),
        outputs=[],
        quality=None,
    ).content()


def test_the_report_on_an_object_that_could_be_used() -> None:
    counts = Counts(rows_in=3, exact_duplicates=1, curated=Counter(products=1), quarantined=1)
    counts.reasons.update(["b", "a"])
    content = content_of(SOURCE, counts)
    assert (content["report_version"], content["status"]) == (REPORT_VERSION, "curated")
    assert (content["etag"], content["version_id"], content["bytes_in"]) == ("etag", "v1", 12)
    assert content["rows_curated"] == {"products": 1}
    assert list(content["quarantine_reasons"]) == ["a", "b"]
    assert "parts" not in content


def test_limits_of_dates_are_shown_where_there_are_dates_or_years() -> None:
    limits = {"latest": "2026-01-03T00:00:00Z", "first_day": "2020-01-01", "last_day": None}
    for name in ("online-retail", "stocks", "customer-master", "gapminder"):
        assert content_of(SOURCES[name], Counts())["date_limits"] == limits
    for name in ("price-list", "superstore"):
        assert "date_limits" not in content_of(SOURCES[name], Counts())


def test_a_rejection_of_an_object_that_was_not_looked_at_has_the_etag_of_its_event() -> None:
    rejected = RejectedError(ObjectReason.UNKNOWN_SOURCE, "Move it.", missing=["a"])
    made = rejection_report("_unmapped", CreatedObject("x/a.csv", etag="event"), None, rejected)
    assert (made.etag, made.bytes_in, made.sequencer) == ("event", None, None)
    assert (made.reason, made.message) == ("unknown_source", "Move it.")
    assert made.details == {"missing": ["a"]}


def test_the_recipe_changes_with_the_source_and_with_the_form_of_the_report(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = recipe_of(SOURCE)
    assert recipe_of(SOURCE) == before
    assert recipe_of(replace(SOURCE, delimiter=",")) != before
    monkeypatch.setattr(report, "REPORT_VERSION", "9.9")
    assert recipe_of(SOURCE) != before
