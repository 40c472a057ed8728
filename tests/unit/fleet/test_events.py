"""Sample events: which need a cloud, and which name what the function may not use."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from fleet.catalogue import Catalogue
from fleet.errors import FleetError
from fleet.images.events import Event, load, problems, write_sample
from fleet.paths import ROOT

FUNCTION: dict[str, Any] = {
    "folder": "ai-systems/judge",
    "description": "Judges",
    "handler": "handler.lambda_handler",
    "memory_mb": 256,
    "timeout_s": 5,
    "budgets": {"image_mb": 1, "init_ms": 1},
}
CATALOGUE = Catalogue.model_validate(
    {
        "project": "shop",
        "buckets": {"raw": "Raw", "prod": "Prod"},
        "tables": {
            "seen": {"description": "Seen", "partition_key": "id"},
            "readings": {"description": "Readings", "partition_key": "sensor", "sort_key": "at"},
            "others": {"description": "Another function's", "partition_key": "id"},
        },
        "secrets": {"key": "Signs", "other-key": "Signs elsewhere"},
        "parameters": {"limits": "Most", "other-limits": "Most elsewhere"},
        "functions": {
            "asks": FUNCTION
            | {
                "folder": "ai-systems/asks",
                "reads": {"buckets": ["raw"], "tables": ["seen"]},
                "writes": {"tables": ["readings"]},
                "secrets": ["key"],
                "parameters": ["limits"],
                "calls": ["judge"],
            },
            "judge": FUNCTION,
            "judge-batch": {
                "image": "judge",
                "description": "Judges at night",
                "handler": "batch_handler.lambda_handler",
                "memory_mb": 512,
                "timeout_s": 60,
                "budgets": {"init_ms": 1},
            },
        },
    }
)


def event(given: dict[str, Any] | None = None, **expect: Any) -> Event:
    sample = {"description": "test", "event": {}, "expect": {"response": None, **expect}}
    return Event.model_validate(sample if given is None else {**sample, "given": given})


def found(sample: Event) -> list[str]:
    return list(problems(sample, CATALOGUE, CATALOGUE.functions["asks"]))


GIVEN = {
    "objects": [{"bucket": "raw", "key": "a"}],
    "items": [{"table": "seen", "item": {"id": "a"}}],
    "secrets": {"key": "x"},
    "parameters": {"limits": "1"},
    "answers": {"judge": None},
}
EXPECT = {
    "objects": [{"bucket": "raw", "prefix": "", "count": 0}],
    "items": [{"table": "readings", "count": 0}],
}


@pytest.mark.parametrize("kind", GIVEN)
def test_what_is_given_needs_a_cloud(kind: str) -> None:
    assert event({kind: GIVEN[kind]}).needs_cloud


@pytest.mark.parametrize("kind", EXPECT)
def test_what_is_expected_in_the_cloud_needs_one(kind: str) -> None:
    assert event(**{kind: EXPECT[kind]}).needs_cloud


def test_an_empty_cloud_is_one() -> None:
    assert event({}).needs_cloud
    assert event({kind: type(value)() for kind, value in GIVEN.items()}).needs_cloud


def test_an_event_that_gives_and_expects_nothing_needs_no_cloud() -> None:
    assert not event(objects=[], items=[]).needs_cloud


def test_what_the_function_may_use_is_no_problem() -> None:
    assert found(event(GIVEN, **EXPECT)) == []


@pytest.mark.parametrize(
    ("sample", "message"),
    [
        (
            event({"objects": [{"bucket": "prod", "key": "a"}]}),
            "names bucket prod, which functions.yaml does not let the function use; allowed: raw",
        ),
        (event(objects=[{"bucket": "prod", "key": "a"}]), "names bucket prod"),
        (
            event({"items": [{"table": "others", "item": {"id": "a"}}]}),
            "names table others, which functions.yaml does not let the function use; "
            "allowed: readings, seen",
        ),
        (event(items=[{"table": "none", "count": 1}]), "names table none"),
        (event({"secrets": {"other-key": "x"}}), "names secret other-key"),
        (event({"parameters": {"other-limits": "x"}}), "names parameter other-limits"),
        (event({"answers": {"asks": 1}}), "names function asks"),
    ],
)
def test_what_the_function_may_not_use_is_named(sample: Event, message: str) -> None:
    [problem] = found(sample)

    assert message in problem


@pytest.mark.parametrize("item", [{"sensor": "a"}, {"sensor": "a", "at": 3}])
def test_an_item_needs_its_keys(item: dict[str, Any]) -> None:
    for sample in (
        event({"items": [{"table": "readings", "item": item}]}),
        event(items=[{"table": "readings", "item": item}]),
    ):
        assert found(sample) == ["an item of table readings needs its key at, a text"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"expect": {"response": 1, "items": [{"table": "seen"}]}},
            "expect.items.0: Value error, say which item or what count is expected",
        ),
        ({"given": {"secrets": {"key": ""}}}, "given.secrets.key: "),
        ({"given": {"item": []}}, "given.item: Extra inputs are not permitted"),
    ],
)
def test_a_file_that_says_nothing_is_refused(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    write(tmp_path, "bad", **changes)

    with pytest.raises(FleetError) as error:
        load(CATALOGUE, "judge", tmp_path)

    assert f"events/bad.json: {message}" in str(error.value)


def test_each_function_of_an_image_has_its_own_events(tmp_path: Path) -> None:
    write(tmp_path, "asked")
    write(tmp_path, "by-name", function="judge")
    write(tmp_path, "nightly", function="judge-batch")

    assert list(load(CATALOGUE, "judge", tmp_path)) == ["asked", "by-name"]
    assert list(load(CATALOGUE, "judge-batch", tmp_path)) == ["nightly"]


def test_a_function_without_an_event_is_named(tmp_path: Path) -> None:
    write(tmp_path, "asked")

    with pytest.raises(FleetError, match="events holds no sample event of judge-batch"):
        load(CATALOGUE, "judge-batch", tmp_path)


def test_an_event_of_a_function_that_is_elsewhere_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "asked", function="asks")

    with pytest.raises(FleetError, match=r"asked.json: function: asks .* allowed: judge, judge-b"):
        load(CATALOGUE, "judge", tmp_path)


def test_the_sample_for_curl_needs_least(tmp_path: Path) -> None:
    write(tmp_path, "a", given={"objects": [{"bucket": "raw", "key": "a", "text": "x"}]})
    write(tmp_path, "b", event={"number": 2})

    path = write_sample(CATALOGUE, "judge", {}, tmp_path / "out", tmp_path)

    assert path.name == "judge-b.json"
    assert json.loads(path.read_bytes()) == {"number": 2}


def write(root: Path, name: str, **changes: Any) -> None:
    """A sample event in the folder of judge."""
    folder = root / FUNCTION["folder"] / "events"
    folder.mkdir(parents=True, exist_ok=True)
    content = {"description": "test", "event": {}, "expect": {"response": 1}} | changes
    (folder / f"{name}.json").write_text(json.dumps(content))


def test_the_documented_event_is_one() -> None:
    document = (ROOT / "docs/architecture.md").read_text()
    [block] = re.findall(r"(?s)```json\n(.*?)```", document)

    documented = Event.model_validate_json(block)

    for part in (documented.given, documented.expect):
        assert all(dict(part).values()), part
