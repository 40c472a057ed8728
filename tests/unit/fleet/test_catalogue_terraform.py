"""What the catalogue says for AWS alone: limits, packages, tables, secrets, parameters, calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fleet.catalogue import Catalogue, Function, derive
from fleet.catalogue.rules import problems


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
    judge = Function.model_validate(
        function(
            reads={"tables": ["seen-requests"]},
            writes={"tables": ["seen-requests"]},
            secrets=["signing-key"],
            parameters=["limits"],
            calls=["other-judge"],
        )
    )

    found = derive.references(judge, "t-{}".format, "s-{}".format, "p-{}".format, "f-{}".format)

    assert found == {
        "SEEN_REQUESTS_TABLE": "t-seen-requests",
        "SIGNING_KEY_SECRET_ID": "s-signing-key",
        "LIMITS_PARAMETER": "p-limits",
        "OTHER_JUDGE_FUNCTION": "f-other-judge",
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
            "3 is below max_concurrency 4 of queue orders",
        ),
    ],
)
def test_refuses(entry: dict[str, Any], place: tuple[str, ...], message: str) -> None:
    ((where, what),) = complaints(**entry)

    assert where == place
    assert message in what


def test_refuses_names_kept_for_zip_packages() -> None:
    found = list(problems(catalogue(functions={"decide-zip": function()}), Path("/")))

    assert (("functions", "decide-zip"), "a name ending in -zip is kept for zip packages") in found
