"""Smoke tests with a cloud: what events give is there, and what they expect is compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from fleet.catalogue import Catalogue
from fleet.emulation import client
from fleet.images import build
from fleet.images.build import Image
from fleet.images.events import Event
from fleet.images.smoke import smoke
from fleet.images.smoke_cloud import SmokeCloud, smoke_cloud
from fleet.paths import ROOT

pytestmark = pytest.mark.docker

ASKED = {"id": "1", "sensor": "a", "at": "2024-03-01", "since": "2024-02"}
READING = {"sensor": "a", "at": "2024-02-01", "celsius": 21.5}
GIVEN = {
    "items": [
        {"table": "sensor-readings", "item": READING},
        {"table": "sensor-readings", "item": {"sensor": "a", "at": "2024-01-01"}},
        {"table": "seen", "item": {"id": "0"}},
    ],
    "secrets": {"signing-key": "made up"},
    "parameters": {"limits": "3"},
}
ANSWER = {
    "first": True,
    "readings": ["2024-02-01", "2024-03-01"],
    "secret": "made up",
    "parameter": "3",
}


@pytest.fixture(scope="module")
def cloud(catalogue: Catalogue) -> Iterator[SmokeCloud]:
    image = build.local_cloud(catalogue, ROOT)
    build.build([image], ROOT)
    with smoke_cloud(catalogue, image.reference) as running:
        yield running


@pytest.fixture
def run(
    cloud: SmokeCloud, keeper: tuple[Catalogue, Image], request: pytest.FixtureRequest
) -> Callable[..., list[str]]:
    """Smoke-test keeper; every test's events have names of their own."""
    catalogue, image = keeper

    def run(
        given: dict[str, Any], response: Any, items: Any = (), asked: Any = ASKED, name: str = ""
    ) -> list[str]:
        event = Event.model_validate(
            {
                "description": "test",
                "given": given,
                "event": asked,
                "expect": {"response": response, "items": list(items)},
            }
        )
        name = f"{request.node.name} {name}"
        mine = replace(cloud, catalogue=catalogue).for_event("keeper", name)
        return smoke(catalogue, image, image.name, name, event, mine).failures

    return run


def test_what_an_event_gives_is_there(run: Callable[..., list[str]]) -> None:
    expected = [
        {"table": "seen", "item": {"id": "1"}},
        {"table": "seen", "count": 2},
        {"table": "sensor-readings", "item": {"sensor": "a", "at": "2024-03-01", "id": "1"}},
        {"table": "sensor-readings", "item": READING},
        {"table": "sensor-readings", "count": 3},
    ]

    assert run(GIVEN, ANSWER, expected) == []


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"table": "seen", "count": 3}, "table seen has 2 items, expected 3"),
        ({"table": "seen", "item": {"id": "2"}}, "seen/2 was not written"),
        (
            {"table": "sensor-readings", "item": READING | {"celsius": 22}},
            "sensor-readings/a/2024-02-01.celsius is 21.5, expected 22",
        ),
        (
            {"table": "sensor-readings", "item": READING | {"unit": "C"}},
            "sensor-readings/a/2024-02-01.unit is missing",
        ),
    ],
)
def test_another_item_than_expected_fails(
    run: Callable[..., list[str]], item: dict[str, Any], message: str
) -> None:
    assert run(GIVEN, ANSWER, [item]) == [message]


def test_what_is_not_given_is_empty_or_a_placeholder(run: Callable[..., list[str]]) -> None:
    expected = {
        "first": True,
        "readings": ["2024-03-01"],
        "secret": "local-placeholder-for-signing-key",
        "parameter": "local-placeholder-for-limits",
    }

    assert run({}, expected) == []
    # Another event does not see what the first one left.
    assert run({}, expected, name="another") == []


def test_a_consumer_has_its_dead_letter_queue(
    cloud: SmokeCloud, keeper: tuple[Catalogue, Image]
) -> None:
    mine = replace(cloud, catalogue=keeper[0]).for_event("echo", "dead letters")
    nothing = {"description": "test", "event": {}, "expect": {"response": None}}
    mine.prepare("echo", Event.model_validate(nothing))
    queue = mine.environment("echo")["DEAD_LETTER_QUEUE_URL"].rpartition("/")[2]
    assert client("sqs", cloud.endpoint).get_queue_url(QueueName=queue)["QueueUrl"]


def test_a_called_function_answers_what_the_event_says(run: Callable[..., list[str]]) -> None:
    answer = {"text": 'it\'s "ünïcødé"', "list": [1.5, None, True]}
    expected = {"status": 200, "error": None, "payload": answer}

    assert run({"answers": {"echo": answer}}, expected, asked={"call": {"any": 1}}) == []


def test_a_called_function_without_an_answer_fails_with_a_hint(
    run: Callable[..., list[str]],
) -> None:
    [failure] = run({"items": []}, {"status": 200}, asked={"call": {}})

    assert "ResourceNotFoundException" in failure
    assert "(a called function answers only if given.answers says what)" in failure


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"secrets": {"limits": "3"}}, "the event names secret limits, which functions.yaml"),
        (
            {"items": [{"table": "seen", "item": {"id": ""}}]},
            "table seen cannot hold {'id': ''}: ",
        ),
    ],
)
def test_an_event_that_cannot_be_made_fails_by_itself(
    run: Callable[..., list[str]], given: dict[str, Any], message: str
) -> None:
    [failure] = run(given, ANSWER)

    assert failure.startswith(message)
