from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from data_plane.uploads import KEY, SETTINGS
from datalake.memory import MemoryStorage
from datalake.quality_report import IndependentCount, Part, RetypedColumn
from raw_to_curated import staging as staging_module
from raw_to_curated.curate import Counts
from raw_to_curated.date_limits import DateLimits
from raw_to_curated.drift import Observed
from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.sources import SOURCES
from raw_to_curated.staging import CuratedPart, PartsMissingError, RejectedPart, Staging
from raw_to_curated.steps import PlannedStep

RETAIL = SOURCES["online-retail"]
STEP = PlannedStep(
    action="finish",
    bucket="raw",
    key=KEY,
    etag="e",
    sequencer="",
    of=2,
    dates=DateLimits(datetime(2026, 1, 3, tzinfo=UTC)),
)
CURATED = CuratedPart(
    part=Part(start=0, end=10, encoding="utf-8"),
    counts=Counts(
        rows_in=5,
        quarantined=2,
        curated=Counter(orders=3, returns=0),
        reasons=Counter({"zero_quantity": 2}),
    ),
    counted=IndependentCount(method="csv", rows=5, agrees=True),
    encodings=("utf-8",),
    observed=Observed(
        {"Quantity": "text"},
        [RetypedColumn(column="Quantity", declared="Int64", inferred="text", values="1 of 1")],
    ),
    files=(),
    hashes=("part-0-hashes-0.arrow",),
)
REJECTED = RejectedPart(
    reason=ObjectReason.NUL_BYTE, message="A byte is 0.", details={"lines": ["7"]}
)


def staging(storage: MemoryStorage, step: PlannedStep = STEP) -> Staging:
    return Staging.of_plan(storage, SETTINGS, RETAIL, step)


def test_manifests_come_back_as_they_were_written(storage: MemoryStorage) -> None:
    place = staging(storage)
    assert not place.has(0)
    place.done(0, CURATED)
    place.done(1, CURATED)
    assert place.has(0)
    assert staging(storage).curated() == [CURATED, CURATED]


def test_parts_that_are_missing_are_named_and_come_before_rejections(
    storage: MemoryStorage,
) -> None:
    place = staging(storage, STEP.model_copy(update={"of": 4}))
    place.done(1, REJECTED)
    with pytest.raises(PartsMissingError, match=r"parts \[0, 2, 3\] of 4"):
        place.curated()


def test_a_part_that_cannot_be_used_is_the_error_that_it_was(storage: MemoryStorage) -> None:
    place = staging(storage)
    place.done(0, CURATED)
    place.done(1, REJECTED)
    with pytest.raises(RejectedError) as caught:
        place.curated()
    error = caught.value
    assert (error.reason, error.message) == (ObjectReason.NUL_BYTE, "A byte is 0.")
    assert error.details == {"lines": ["7"]}


def test_each_version_plan_recipe_and_scheme_of_hashes_has_its_own_place(
    storage: MemoryStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_dates = DateLimits(STEP.dates.latest, date(2010, 1, 1), date(2012, 1, 1))
    changes = [{"etag": "f"}, {"version_id": "v"}, {"of": 3}, {"dates": other_dates}]
    steps = [STEP, *(STEP.model_copy(update=change) for change in changes)]
    for step in steps:
        staging(storage, step).put("file", b"")
    Staging.of_plan(storage, SETTINGS, replace(RETAIL, span_days=3), STEP).put("file", b"")
    monkeypatch.setattr(staging_module, "SCHEME", "another")
    staging(storage).put("file", b"")
    assert len(list(storage.keys("curated", "staging/"))) == len(steps) + 2


def test_manifests_are_removed_before_what_they_speak_of(storage: MemoryStorage) -> None:
    deleted: list[str] = []

    class Recorded(MemoryStorage):
        def delete(self, bucket: str, key: str, *, if_match: str) -> None:
            deleted.append(key.rpartition("/")[2])
            super().delete(bucket, key, if_match=if_match)

    recorded = Recorded()
    place = staging(recorded)
    place.put("a-file", b"x")
    place.done(0, CURATED)
    place.done(1, CURATED)
    place.remove()
    assert deleted == ["part-0.json", "part-1.json", "a-file"]
    place.remove()
    assert list(recorded.keys("curated")) == []
