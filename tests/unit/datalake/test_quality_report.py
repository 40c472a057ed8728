from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from datalake.quality_report import REPORT_VERSION, CuratedReport, RejectionReport

HEAD: dict[str, Any] = {
    "report_version": REPORT_VERSION,
    "status": "curated",
    "source": "shop",
    "object_key": "shop/é.csv",
    "object_id": "e-0",
    "etag": None,
    "version_id": None,
    "sequencer": "0A",
    "bytes_in": 12,
}
CURATED: dict[str, Any] = {
    **HEAD,
    "recipe": "0",
    "encoding": "utf-8",
    "rows_in": 2,
    "rows_curated": {"orders": 1},
    "rows_quarantined": 1,
    "quarantine_reasons": {"zero_quantity": 1},
    "exact_duplicates": 0,
    "blank_lines": 0,
    "columns": {"a": "text"},
    "retyped_columns": [],
    "outputs": [
        {
            "table": "orders",
            "contract_version": "1.1",
            "bucket": "curated",
            "key": "k",
            "rows": 1,
            "bytes": 10,
            "sha256": "0",
            "null_counts": {"a": 0},
            "time_range": {"ordered_at": {"min": None, "max": None}},
        }
    ],
    "quality": None,
}
REJECTED = {
    **HEAD,
    "status": "rejected",
    "reason": "empty_object",
    "message": "No bytes.",
    "details": {"missing": ["a"]},
}


@pytest.mark.parametrize(
    ("model", "content"), [(CuratedReport, CURATED), (RejectionReport, REJECTED)]
)
def test_a_report_is_written_as_it_was_read(
    model: type[CuratedReport | RejectionReport], content: dict[str, Any]
) -> None:
    report = model.model_validate_json(json.dumps(content))
    assert report.to_json().decode() == json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def test_parts_stand_before_the_outputs_where_there_are_any() -> None:
    parts = [{"start": 0, "end": 5, "encoding": "utf-8"}]
    content = CuratedReport.model_validate({**CURATED, "parts": parts}).content()
    assert content["parts"] == parts
    assert list(content).index("parts") + 1 == list(content).index("outputs")


def test_an_independent_count_stands_where_there_is_one() -> None:
    counted = {"method": "csv", "rows": 2, "agrees": True}
    report = CuratedReport.model_validate({**CURATED, "counted_independently": counted})
    assert report.content()["counted_independently"] == counted
    assert "counted_independently" not in CuratedReport.model_validate(CURATED).content()
    with pytest.raises(ValidationError, match="method"):
        CuratedReport.model_validate(
            {**CURATED, "counted_independently": {**counted, "method": "guess"}}
        )


def test_limits_of_dates_stand_where_there_are_any() -> None:
    limits = {"latest": "2026-01-03T00:00:00Z", "first_day": "2008-09-22", "last_day": None}
    report = CuratedReport.model_validate({**CURATED, "date_limits": limits})
    assert report.content()["date_limits"] == limits
    assert "date_limits" not in CuratedReport.model_validate(CURATED).content()


def test_a_rejection_says_that_it_is_provisional_if_it_is() -> None:
    report = RejectionReport.model_validate({**REJECTED, "provisional": True})
    assert report.content()["provisional"] is True
    assert "provisional" not in RejectionReport.model_validate(REJECTED).content()


def test_a_later_minor_version_is_read_and_another_major_one_is_not() -> None:
    later = {**CURATED, "report_version": "1.9", "more": 1}
    assert CuratedReport.model_validate(later).rows_in == 2
    with pytest.raises(ValidationError, match="report_version"):
        CuratedReport.model_validate({**CURATED, "report_version": "2.0"})


@pytest.mark.parametrize("missing", ["outputs", "rows_in", "object_key"])
def test_what_is_missing_is_named(missing: str) -> None:
    with pytest.raises(ValidationError, match=missing):
        CuratedReport.model_validate({name: CURATED[name] for name in CURATED if name != missing})
