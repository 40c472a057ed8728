"""A function moves from a zip file to an image beside the running one, and its triggers follow."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from terraform.offline import FIXTURE, Project, resources, write_variables

PACKAGE = {"bucket": "b", "key": "k", "source_code_hash": "A" * 43 + "="}
IMAGE = "0123456789abcdef-x86_64@sha256:" + "1" * 64
IMAGES = {"refine": IMAGE, "decide": IMAGE.replace("x86_64", "arm64"), "doorman": IMAGE}
DASHBOARD = "module.observability.aws_cloudwatch_dashboard.this"
STATE_MACHINE = 'module.state_machine["refill"].aws_sfn_state_machine.this'
MAY_INVOKE = 'module.state_machine["refill"].aws_iam_role_policy.this'
MAY_CALL = 'module.function["decide"].aws_iam_role_policy.this'
CALLER = 'module.function["decide"].aws_lambda_function.this'
INTEGRATION = 'module.http_api[0].aws_apigatewayv2_integration.this["decide"]'
AUTHORIZER = "module.http_api[0].aws_apigatewayv2_authorizer.this[0]"
SCOPED, GUARDED, OPEN = "POST /orders", "PUT /orders/{id}", "GET /orders/{id}"
WASTE = "DELETE /waste"

Changes = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Step:
    """What a step changes, and every managed resource before and after it."""

    changes: Changes
    before: list[dict[str, Any]]
    after: list[dict[str, Any]]


def walk(project: Project, folder: Path, catalogue: str, moving: Sequence[str]) -> list[Step]:
    """Take functions of a catalogue from zip to image, each step applied before the next.

    The first of the four applies, which makes everything, is none of the steps.
    """
    (folder / "state-machines").symlink_to(FIXTURE.parent / "state-machines")
    image = folder / "image.yaml"
    image.write_text(catalogue)
    zipped = folder / "zip.yaml"
    for name in moving:
        catalogue = catalogue.replace(f"  {name}:\n", f"  {name}:\n    package_type: zip\n")
    zipped.write_text(catalogue)
    zips = dict.fromkeys((*moving, "sweep"), PACKAGE)
    steps = [
        {"catalogue": str(zipped)},
        {"catalogue": str(zipped), "parallel_packages": dict.fromkeys(moving, "image")},
        {"catalogue": str(image), "parallel_packages": dict.fromkeys(moving, "zip")},
        {"catalogue": str(image)},
    ]
    script = "set -e\n"
    for number, step in enumerate(steps):
        variables = write_variables(
            folder / f"{number}.tfvars.json", images=IMAGES, zips=zips, **step
        )
        script += (
            f"terraform plan -no-color -input=false -out=plan -var-file=environments/dev.tfvars"
            f" -var-file={variables} >&2\n"
            f"terraform show -json plan > {folder}/{number}.json\n"
            f"terraform apply -no-color -input=false plan >&2\n"
            f"terraform show -json > {folder}/{number}.state.json\n"
        )
    done = project.run("terraform", script)
    assert done.returncode == 0, done.stderr
    states = [
        list(resources(json.loads((folder / f"{number}.state.json").read_text())))
        for number in range(len(steps))
    ]
    return [
        Step(changes(folder / f"{number}.json"), states[number - 1], states[number])
        for number in range(1, len(steps))
    ]


@pytest.fixture(scope="module")
def steps(offline_project: Project, tmp_path_factory: pytest.TempPathFactory) -> list[Changes]:
    """What each step changes for a function with queue, schedules, state machine and a caller."""
    folder = tmp_path_factory.mktemp("cutover")
    catalogue = FIXTURE.read_text().replace("calls: [doorman]", "calls: [doorman, refine]")
    return [step.changes for step in walk(offline_project, folder, catalogue, ["refine"])]


@pytest.fixture(scope="module")
def http_steps(offline_project: Project, tmp_path_factory: pytest.TempPathFactory) -> list[Step]:
    """The steps of a function with routes and of the authorizer, at the same time."""
    folder = tmp_path_factory.mktemp("http")
    return walk(offline_project, folder, FIXTURE.read_text(), ["decide", "doorman"])


def changes(path: Path) -> Changes:
    """By action (create, update, delete, or two for a replacement): what a plan changes."""
    found: Changes = {}
    for resource in json.loads(path.read_text())["resource_changes"]:
        actions = "+".join(resource["change"]["actions"])
        if resource["mode"] == "managed" and actions != "no-op":
            found.setdefault(actions, []).append(resource)
    return found


def addresses(found: list[dict[str, Any]]) -> set[str]:
    return {resource["address"] for resource in found}


def test_the_image_function_is_made_beside_the_zip_function(steps: list[Changes]) -> None:
    beside = steps[0]

    assert set(beside) == {"create", "update"}
    assert addresses(beside["update"]) == {DASHBOARD, MAY_INVOKE, MAY_CALL}
    made = addresses(beside["create"])
    assert 'module.function["refine"].aws_lambda_function.this' in made
    assert all(address.startswith('module.function["refine"].') for address in made)


def test_the_triggers_move_by_an_update_in_place(steps: list[Changes]) -> None:
    moved = steps[1]

    assert set(moved) == {"update"}
    updates = {r["address"]: r["change"] for r in moved["update"]}
    triggers = {
        'aws_lambda_event_source_mapping.this["refine-s3-1"]': "function_name",
        'aws_lambda_event_source_mapping.this["refine-s3-2"]': "function_name",
        'aws_cloudwatch_event_target.this["refine-schedule-1"]': "arn",
        'aws_cloudwatch_event_target.this["refine-schedule-2"]': "arn",
        STATE_MACHINE: "definition",
    }
    assert set(triggers) <= set(updates)
    for address, attribute in triggers.items():
        assert ":shop-dev-refine-zip:live" in updates[address]["before"][attribute]
        assert ":shop-dev-refine-zip:live" not in updates[address]["after"][attribute]
        assert ":shop-dev-refine:live" in updates[address]["after"][attribute]
    # The caller's next version calls the new function; the live one still may call the old.
    variables = updates[CALLER]["after"]["environment"][0]["variables"]
    assert variables["REFINE_FUNCTION"] == "shop-dev-refine:live"
    assert set(updates) == {*triggers, CALLER}


def test_the_zip_function_goes_when_nothing_needs_it(steps: list[Changes]) -> None:
    gone = steps[2]

    assert set(gone) <= {"delete", "update"}
    deleted = addresses(gone["delete"])
    assert 'module.function["refine-zip"].aws_lambda_function.this' in deleted
    assert all(address.startswith('module.function["refine-zip"].') for address in deleted)
    assert addresses(gone["update"]) == {DASHBOARD, MAY_INVOKE, MAY_CALL}


def entry_points(made: list[dict[str, Any]]) -> dict[str, str]:
    """By route, and for the authorizer: the function whose alias `live` API Gateway invokes."""
    values = {r["address"]: r["values"] for r in made}
    integrations = {
        f"integrations/{v['id']}": v["integration_uri"]
        for address, v in values.items()
        if ".aws_apigatewayv2_integration." in address
    }
    uris = {
        v["route_key"]: integrations[v["target"]]
        for address, v in values.items()
        if ".aws_apigatewayv2_route." in address
    }
    uris["authorizer"] = values[AUTHORIZER]["authorizer_uri"]
    return {name: re.findall(r":function:([\w-]+):live/", uri)[0] for name, uri in uris.items()}


def permits(permission: dict[str, Any]) -> bool:
    """Whether a resource lets the HTTP API invoke the alias `live`."""
    values = permission["values"]
    return (
        permission["type"] == "aws_lambda_permission"
        and values["principal"] == "apigateway.amazonaws.com"
        and values["qualifier"] == "live"
        and ":execute-api:" in values["source_arn"]
    )


def permitted(made: list[dict[str, Any]]) -> set[str]:
    """The functions whose alias the HTTP API may invoke."""
    return {r["values"]["function_name"] for r in made if permits(r)}


def test_routes_and_authorizer_move_by_an_update_in_place(http_steps: list[Step]) -> None:
    beside, moved, gone = (step.changes for step in http_steps)
    decide, doorman = 'module.function["decide"].', 'module.function["doorman"].'

    assert set(beside) == {"create", "update"}
    # All functions of an image move together.
    batch = 'module.function["decide-batch"].'
    made = addresses(beside["create"])
    assert all(address.startswith((decide, doorman, batch)) for address in made)
    assert f"{batch}aws_lambda_function.this" in made
    for function in (decide, doorman):
        assert f'{function}aws_lambda_permission.this["http-api"]' in addresses(beside["create"])
    assert not any(".http_api" in address for address in addresses(beside["update"]))

    assert set(moved) == {"update"}
    updates = {r["address"]: r["change"] for r in moved["update"]}
    for address, attribute, name in (
        (INTEGRATION, "integration_uri", "decide"),
        (AUTHORIZER, "authorizer_uri", "doorman"),
    ):
        assert f":shop-dev-{name}-zip:live/" in updates[address]["before"][attribute]
        assert f":shop-dev-{name}:live/" in updates[address]["after"][attribute]
        # Nothing else of it changes, its identity least of all.
        changed = {
            key
            for key, value in updates[address]["after"].items()
            if value != updates[address]["before"][key]
        }
        assert changed == {attribute}
    # The routes name the integration, which stays the same; so do the permissions.
    assert not any("_route." in a or "_permission." in a for a in updates)
    assert {a for a in updates if ".http_api" in a} == {INTEGRATION, AUTHORIZER}

    assert set(gone) <= {"delete", "update"}
    old = tuple(f'module.function["{n}-zip"].' for n in ("decide", "decide-batch", "doorman"))
    assert all(address.startswith(old) for address in addresses(gone["delete"]))
    assert not any(".http_api" in address for address in addresses(gone["update"]))


def test_no_route_is_ever_without_permission(http_steps: list[Step]) -> None:
    """Neither between two steps nor while one is applied."""
    routes = (SCOPED, GUARDED, OPEN)
    old = {**dict.fromkeys(routes, "decide-zip"), "authorizer": "doorman-zip"}
    new = {**dict.fromkeys(routes, "decide"), "authorizer": "doorman"}
    expected = [
        {name: f"shop-dev-{function}" for name, function in {**points, WASTE: "sweep-zip"}.items()}
        for points in (old, old, new, new)
    ]
    states = [http_steps[0].before, *(step.after for step in http_steps)]
    assert [entry_points(state) for state in states] == expected

    for state in states:
        assert set(entry_points(state).values()) <= permitted(state)
    for step in http_steps:
        # What a step deletes or replaces permits nothing that is invoked before or after.
        invoked = {*entry_points(step.before).values(), *entry_points(step.after).values()}
        touched = [
            resource["change"]["before"]["function_name"]
            for action, found in step.changes.items()
            if action != "create"
            for resource in found
            if resource["type"] == "aws_lambda_permission"
        ]
        assert not invoked & set(touched)
