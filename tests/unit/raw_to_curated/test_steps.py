from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from lambda_app.s3_events import CreatedObject
from raw_to_curated.actions import UnknownActionError, parsed
from raw_to_curated.date_limits import DateLimits
from raw_to_curated.steps import GiveUpStep, PartStep, PlannedStep

DATES = DateLimits(datetime(2011, 12, 9, 1, 2, 3, 4, tzinfo=UTC), date(2010, 1, 1), None)
FINISH = PlannedStep(
    action="finish", bucket="raw", key="a/b.csv", etag="e", sequencer="0A", of=2, dates=DATES
)
PART = {**FINISH.model_dump(mode="json"), "part": 1, "start": 10, "end": 20}


def test_a_step_travels_as_json() -> None:
    assert parsed(PlannedStep, json.loads(json.dumps(PART))) == FINISH
    assert parsed(PartStep, PART).dates == DATES


def test_a_planned_step_names_its_version() -> None:
    assert FINISH.raw_object == CreatedObject("a/b.csv", "0A", "e", None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("etag", None),
        ("sequencer", 7),
        ("of", 0),
        ("of", "two"),
        ("dates", {}),
        ("dates", {"latest": "soon"}),
        ("part", -1),
        ("start", 1.5),
        ("end", []),
        ("version_id", {}),
        ("part", 2),
        ("start", 21),
    ],
)
def test_a_step_with_a_wrong_member_is_refused_by_its_name(name: str, value: Any) -> None:
    with pytest.raises(UnknownActionError, match=name):
        parsed(PartStep, {**PART, name: value})


def test_giving_up_takes_whatever_is_known_of_the_step() -> None:
    given_up = {"action": "give_up", "bucket": "raw", "key": "a"}
    assert parsed(GiveUpStep, given_up).step.error == {}
    step = {**PART, "etag": None, "error": {"Error": "E", "Cause": "c"}}
    assert parsed(GiveUpStep, {**given_up, "step": step}).step.error["Error"] == "E"
