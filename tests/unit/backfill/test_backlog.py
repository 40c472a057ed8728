"""The backfill command, and the state machine that it starts, without a cloud."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from backfill import backlog
from backfill.backlog import Item, Target
from fleet.catalogue import load
from fleet.errors import FleetError
from fleet.paths import CATALOGUE, ROOT

CURATED = {
    "status": "curated",
    "key": "a/b.csv",
    "rows_in": 100,
    "rows_curated": {"orders": 80, "returns": 3},
    "rows_quarantined": 10,
    "exact_duplicates": 7,
}


def execution(output: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    value = {"status": "SUCCEEDED", "input": '{"bucket": "raw", "key": "a/b.csv"}', **more}
    return value | ({"output": json.dumps(output)} if output else {})


def test_an_item_has_the_rows_of_the_report() -> None:
    assert backlog.item(execution(CURATED)) == Item(
        "a/b.csv",
        "curated",
        counts={"rows in": 100, "curated": 83, "quarantined": 10, "duplicates": 7},
    )


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (
            {"status": "rejected", "reason": "corrupt_gzip", "message": "It is cut."},
            Item("a/b.csv", "rejected", "corrupt_gzip: It is cut."),
        ),
        ({"status": "done", "parts": [], "finish": None}, Item("a/b.csv", "done")),
        ({"status": "superseded"}, Item("a/b.csv", "superseded")),
    ],
)
def test_an_item_that_is_not_curated(output: dict[str, Any], expected: Item) -> None:
    assert backlog.item(execution(output)) == expected


@pytest.mark.parametrize(
    ("error", "cause", "reason"),
    [
        # As AWS reports what a function raised.
        (
            "PartsMissingError",
            json.dumps({"errorType": "PartsMissingError", "errorMessage": "2", "trace": ["x"]}),
            "PartsMissingError: 2",
        ),
        # As the endpoint does in mode process, cut in the middle of the stack trace.
        (
            "Runtime.HandlerError",
            json.dumps({"errorMessage": 'Proxy target returned HTTP 500: {"errorType": '
                        '"ValueError", "errorMessage": "no \\"x\\"", "stackTrace": ["Fil'}),
            'ValueError: no "x"',
        ),
        ("States.Timeout", "not JSON", "States.Timeout: not JSON"),
        ("States.Runtime", "[1]", "States.Runtime: [1]"),
    ],
)  # fmt: skip
def test_a_failed_item_says_why(error: str, cause: str, reason: str) -> None:
    failed = backlog.item(execution(status="FAILED", error=error, cause=cause))
    assert failed == Item("a/b.csv", "failed", reason)


def test_an_item_that_was_stopped_is_failed() -> None:
    assert backlog.item(execution(status="ABORTED")).reason.startswith("ABORTED")


class StepFunctions:
    """Step Functions as far as a backfill calls it; `states` are the answers one by one."""

    class exceptions:  # noqa: N801
        class StateMachineDoesNotExist(Exception):  # noqa: N818
            pass

    def __init__(self, states: list[dict[str, Any]], *, mapped: bool = True) -> None:
        self.states = states
        self.mapped = mapped
        self.stopped: list[str] = []
        self.started: list[Any] = []

    def start_execution(self, **request: Any) -> dict[str, Any]:
        if not self.states:
            raise self.exceptions.StateMachineDoesNotExist
        self.started.append(request)
        return {"executionArn": "execution"}

    def describe_execution(self, executionArn: str) -> dict[str, Any]:  # noqa: N803
        if executionArn != "execution":
            return execution(CURATED, input=json.dumps({"key": executionArn}))
        state = self.states.pop(0)
        if "raise" in state:
            raise state["raise"]
        return state

    def list_map_runs(self, **_: Any) -> dict[str, Any]:
        return {"mapRuns": [{"mapRunArn": "run"}] if self.mapped else []}

    def describe_map_run(self, **_: Any) -> dict[str, Any]:
        counts = dict.fromkeys(["succeeded", "failed", "timedOut", "aborted"], 0)
        return {"itemCounts": {**counts, "total": 2}}

    def get_paginator(self, _: str) -> StepFunctions:
        return self

    def paginate(self, **_: Any) -> Iterator[dict[str, Any]]:
        yield {"executions": [{"executionArn": "z"}]}
        yield {"executions": [{"executionArn": "a"}]}

    def stop_execution(self, executionArn: str) -> None:  # noqa: N803
        self.stopped.append(executionArn)


class S3:
    def list_objects_v2(self, **request: Any) -> dict[str, Any]:
        if "Delimiter" in request:
            return {"CommonPrefixes": [{"Prefix": "a/"}]}
        return {"Contents": [{"Key": "a/b.csv"}]} if "a/b.csv".startswith(request["Prefix"]) else {}


def target(stepfunctions: StepFunctions) -> Target:
    return Target(stepfunctions, S3(), "machine", "raw")


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backlog, "POLL_S", 0)


def test_watches_until_the_end_and_lists_every_object_in_order() -> None:
    states = StepFunctions([{"status": "RUNNING"}, {"status": "SUCCEEDED"}])
    assert [item.key for item in backlog.run(target(states), "a/")] == ["a", "z"]
    assert states.started == [{"stateMachineArn": "machine", "input": '{"prefix": "a/"}'}]
    assert states.stopped == []


def test_too_many_failures_are_shown_object_by_object() -> None:
    error = "States.ExceedToleratedFailureThreshold"
    states = StepFunctions([{"status": "FAILED", "error": error}])
    assert len(backlog.run(target(states), "a/")) == 2


@pytest.mark.parametrize("mapped", [True, False])
def test_a_run_that_ends_early_says_why_and_what_to_do(mapped: bool) -> None:
    state = {"status": "FAILED", "error": "States.ItemReaderFailed", "cause": "no bucket"}
    states = StepFunctions([state], mapped=mapped)
    with pytest.raises(FleetError, match=r"States\.ItemReaderFailed: no bucket\. Repeat it"):
        backlog.run(target(states), "a/")
    # AWS refuses to stop what has ended.
    assert states.stopped == []


def test_an_interrupt_stops_the_run() -> None:
    states = StepFunctions([{"status": "RUNNING"}, {"raise": KeyboardInterrupt()}])
    with pytest.raises(KeyboardInterrupt):
        backlog.run(target(states), "a/")
    assert states.stopped == ["execution"]


def test_a_cloud_without_the_state_machine_is_to_be_brought_up_to_date() -> None:
    with pytest.raises(FleetError, match="make up"):
        backlog.run(target(StepFunctions([])), "a/")


def test_shows_every_object_the_reasons_and_the_sums(
    capsys: pytest.CaptureFixture[str],
) -> None:
    items = [
        backlog.item(execution(CURATED)),
        Item("a/[bold]\x1b[31m.csv", "rejected", "not_text:\n[x]\x07"),
    ]
    backlog.show(items, 2.0)
    text = capsys.readouterr().out
    assert "83" in text
    assert "a/[bold]?[31m.csv" in text
    assert "not_text: [x]?" in text
    assert "2 objects in 2.0 s: 1 curated, 1 rejected" in text


def test_only_failed_and_rejected_objects_make_the_command_fail() -> None:
    backlog.require_success([Item("a", s) for s in ("curated", "done", "superseded", "deleted")])
    for status in ("failed", "rejected"):
        with pytest.raises(FleetError, match="1 of 2"):
            backlog.require_success([Item("a", "curated"), Item("b", status)])


def state_machines() -> list[Any]:
    return [
        pytest.param(json.loads((ROOT / machine.definition).read_text()), id=name)
        for name, machine in load(CATALOGUE).state_machines.items()
    ]


def processors(definition: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The state machine, and those inside its Map states."""
    yield definition
    for state in definition["States"].values():
        if "ItemProcessor" in state:
            yield from processors(state["ItemProcessor"])


@pytest.mark.parametrize("definition", state_machines())
def test_every_state_is_reached_and_every_target_exists(definition: dict[str, Any]) -> None:
    for processor in processors(definition):
        states = processor["States"]
        targets = {processor["StartAt"]}
        for state in states.values():
            for step in (state, *state.get("Choices", []), *state.get("Catch", [])):
                targets |= {step[key] for key in ("Next", "Default") if key in step}
        assert targets == set(states)


@pytest.mark.parametrize("definition", state_machines())
def test_every_task_is_retried_in_the_same_way(definition: dict[str, Any]) -> None:
    retries = [
        state.get("Retry")
        for processor in processors(definition)
        for state in processor["States"].values()
        if state["Type"] == "Task"
    ]
    assert retries
    assert all(retry == retries[0] for retry in retries)
    retried = [error for retrier in retries[0] for error in retrier["ErrorEquals"]]
    assert {"Lambda.TooManyRequestsException", "Lambda.ServiceException"} < set(retried)
