"""A function moves from a zip file to an image beside the running one, and its triggers follow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from terraform.offline import FIXTURE, Project, write_variables

PACKAGE = {"bucket": "b", "key": "k", "source_code_hash": "A" * 43 + "="}
IMAGE = "0123456789abcdef-x86_64@sha256:" + "1" * 64
IMAGES = {"refine": IMAGE, "decide": IMAGE.replace("x86_64", "arm64"), "doorman": IMAGE}
DASHBOARD = "module.observability.aws_cloudwatch_dashboard.this"
STATE_MACHINE = 'module.state_machine["refill"].aws_sfn_state_machine.this'
MAY_INVOKE = 'module.state_machine["refill"].aws_iam_role_policy.this'
MAY_CALL = 'module.function["decide"].aws_iam_role_policy.this'
CALLER = 'module.function["decide"].aws_lambda_function.this'

Changes = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def steps(offline_project: Project, tmp_path_factory: pytest.TempPathFactory) -> list[Changes]:
    """The planned changes of each step after the first, each applied before the next."""
    folder = tmp_path_factory.mktemp("cutover")
    image = folder / "image.yaml"
    image.write_text(FIXTURE.read_text().replace("calls: [doorman]", "calls: [doorman, refine]"))
    (folder / "state-machines").symlink_to(FIXTURE.parent / "state-machines")
    zipped = folder / "zip.yaml"
    zipped.write_text(
        image.read_text().replace("  refine:\n", "  refine:\n    package_type: zip\n")
    )
    zips = {"refine": PACKAGE, "sweep": PACKAGE}
    steps = [
        {"catalogue": str(zipped)},
        {"catalogue": str(zipped), "parallel_packages": {"refine": "image"}},
        {"catalogue": str(image), "parallel_packages": {"refine": "zip"}},
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
        )
    done = offline_project.run("terraform", script)
    assert done.returncode == 0, done.stderr
    return [changes(folder / f"{number}.json") for number in range(1, len(steps))]


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
        'aws_lambda_event_source_mapping.this["new-files"]': "function_name",
        'aws_cloudwatch_event_target.this["refine-1"]': "arn",
        'aws_cloudwatch_event_target.this["refine-2"]': "arn",
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
