"""Limits and packages, which are for AWS alone; tables, secrets, parameters and calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fleet.catalogue import Catalogue, Function, derive
from fleet.catalogue.rules import problems
from names import NAMES


def function(**more: Any) -> dict[str, Any]:
    return {
        "folder": "some/folder",
        "description": "Does something",
        "handler": "handler.lambda_handler",
        "memory_mb": 256,
        "timeout_s": 7,
        "budgets": {"image_mb": 1, "init_ms": 1},
        **more,
    }


def catalogue(**more: Any) -> Catalogue:
    return Catalogue.model_validate(
        {
            "project": "shop",
            "queues": {"orders": {"description": "Orders", "max_concurrency": 4}},
            "tables": {"seen-requests": {"description": "Answered", "partition_key": "id"}},
            "secrets": {"signing-key": "Signs"},
            "parameters": {"limits": "Limits"},
            **more,
        }
    )


def complaints(**more: Any) -> list[tuple[tuple[str | int, ...], str]]:
    found = problems(catalogue(functions={"decide": function(**more)}), Path("/"))
    return [(where[2:], what) for where, what in found if where[-1] != "folder"]


def test_defaults() -> None:
    plain = Function.model_validate(function())

    assert plain.package_type == "image"
    assert plain.reserved_concurrency is None
    assert plain.provisioned_concurrency == 0
    assert plain.async_retries == 2
    assert plain.alarms.duration_percent == 80


def test_variables_follow_from_what_a_function_may_use() -> None:
    judge = function(
        reads={"tables": ["seen-requests"]},
        writes={"tables": ["seen-requests"]},
        secrets=["signing-key"],
        parameters=["limits"],
        calls=["judge"],
    )
    again = {
        "description": "Judges again",
        "definition": "state-machines/again.asl.json",
        "started_by": ["judge"],
    }
    made = catalogue(functions={"judge": judge}, state_machines={"judge-again": again})

    assert derive.variables(made, "judge", NAMES) == {
        "POWERTOOLS_SERVICE_NAME": "service-judge",
        "POWERTOOLS_METRICS_NAMESPACE": "shop-test",
        "SEEN_REQUESTS_TABLE": "table-seen-requests",
        "SIGNING_KEY_SECRET_ID": "secret-signing-key",
        "LIMITS_PARAMETER": "parameter-limits",
        "JUDGE_FUNCTION": "function-judge",
        "JUDGE_AGAIN_STATE_MACHINE_ARN": "state_machine-judge-again",
    }


def test_takes_what_is_declared() -> None:
    assert not complaints(
        reserved_concurrency=4,
        provisioned_concurrency=4,
        reads={"tables": ["seen-requests"]},
        secrets=["signing-key"],
        parameters=["limits"],
        calls=["decide"],
        triggers=[{"type": "queue", "queue": "orders"}],
    )


@pytest.mark.parametrize(
    ("entry", "place", "message"),
    [
        ({"writes": {"tables": ["seen"]}}, ("writes", "tables"), "allowed: seen-requests"),
        ({"secrets": ["key"]}, ("secrets",), "allowed: signing-key"),
        ({"parameters": ["limit"]}, ("parameters",), "allowed: limits"),
        ({"calls": ["judge"]}, ("calls",), "allowed: decide"),
        (
            {"snapstart": True, "provisioned_concurrency": 1},
            ("snapstart",),
            "not possible with provisioned concurrency",
        ),
        (
            {"reserved_concurrency": 1, "provisioned_concurrency": 2},
            ("provisioned_concurrency",),
            "2 is above reserved_concurrency 1",
        ),
        (
            {"reserved_concurrency": 3, "triggers": [{"type": "queue", "queue": "orders"}]},
            ("reserved_concurrency",),
            "3 is below max_concurrency 4 of the queues orders",
        ),
    ],
)
def test_refuses(entry: dict[str, Any], place: tuple[str, ...], message: str) -> None:
    ((where, what),) = complaints(**entry)

    assert where == place
    assert message in what


def test_refuses_names_kept_for_zip_packages() -> None:
    found = list(problems(catalogue(functions={"decide-zip": function()}), Path("/")))

    message = "the name is kept for a zip package; choose another"
    assert (("functions", "decide-zip"), message) in found


@pytest.mark.parametrize(
    ("attributes", "place", "message"),
    [
        ({"sort_key": "id"}, "sort_key", "id is the partition key already"),
        ({"ttl_attribute": "id"}, "ttl_attribute", "id is a key, which is text"),
        ({"sort_key": "at", "ttl_attribute": "at"}, "ttl_attribute", "at is a key, which is text"),
    ],
)
def test_refuses_tables_that_cannot_be(
    attributes: dict[str, str], place: str, message: str
) -> None:
    table = {"description": "Answered", "partition_key": "id", **attributes}
    made = catalogue(tables={"seen": table}, functions={})

    ((where, what),) = problems(made, Path("/"))

    assert where == ("tables", "seen", place)
    assert message in what
