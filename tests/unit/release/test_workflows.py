"""The workflows: pinned, with few rights, one deployment at a time, and on targets that exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from fleet.paths import ROOT

FOLDER = ROOT / ".github"
WORKFLOWS = sorted((FOLDER / "workflows").glob("*.yml"))
FILES = [*WORKFLOWS, *sorted((FOLDER / "actions").glob("*/action.yml"))]
PINNED = re.compile(r"^[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
TARGETS = set(
    " ".join(re.findall(r"(?m)^([a-z][a-z -]*):.*## ", (ROOT / "Makefile").read_text())).split()
)


def read(path: Path) -> dict[Any, Any]:
    return yaml.safe_load(path.read_text())


def jobs() -> list[Any]:
    return [
        pytest.param(path, name, job, id=f"{path.stem}-{name}")
        for path in WORKFLOWS
        for name, job in read(path)["jobs"].items()
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(FOLDER)))
def test_every_action_is_pinned_by_commit(path: Path) -> None:
    for used in re.findall(r"uses: (.+)", path.read_text()):
        assert used.startswith("./") or PINNED.match(used), used


def test_one_version_of_each_action() -> None:
    pins = {u for f in FILES for u in re.findall(r"uses: (\S+@\S+)", f.read_text())}
    assert len({pin.partition("@")[0] for pin in pins}) == len(pins)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.stem)
def test_rights_are_read_only_unless_a_job_needs_more(path: Path) -> None:
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    assert "group" in workflow["concurrency"]
    for job in workflow["jobs"].values():
        rights = job.get("permissions", {})
        assert set(rights) <= {"contents", "id-token", "pull-requests"}
        assert rights.get("contents", "read") == "read"
        assert "timeout-minutes" in job


@pytest.mark.parametrize(("path", "name", "job"), jobs())
def test_who_gets_an_identity_is_asked_for_it(path: Path, name: str, job: dict) -> None:
    """Keys are never used; a deployment runs in an environment, whose rules GitHub enforces."""
    uses = [step.get("uses", "") for step in job["steps"]]
    commands = "\n".join(step.get("run", "") for step in job["steps"])
    identity = any(use.startswith("aws-actions/configure-aws-credentials") for use in uses)
    assert identity == (job.get("permissions", {}).get("id-token") == "write")
    changes = re.search(r"make (push|deploy|promote|rollback|destroy)", commands)
    if changes:
        assert identity
        environments = set(re.findall(r"\bENV=(\w+)", commands))
        assert environments == {job["environment"]}
    assert "secrets." not in path.read_text()


@pytest.mark.parametrize(("path", "name", "job"), jobs())
def test_steps_call_targets_that_exist(path: Path, name: str, job: dict) -> None:
    for step in job["steps"]:
        for target in re.findall(r"make ([a-z-]+)", step.get("run", "")):
            assert target in TARGETS, target
    checkouts = [s for s in job["steps"] if s.get("uses", "").startswith("actions/checkout@")]
    assert all(s["with"]["persist-credentials"] is False for s in checkouts)


def test_a_deployment_is_never_stopped_half_way() -> None:
    for path in WORKFLOWS:
        if re.search(r"make (deploy|promote)", path.read_text()):
            assert read(path)["concurrency"]["cancel-in-progress"] is False


def test_a_pull_request_is_checked_on_both_architectures() -> None:
    images = read(FOLDER / "workflows" / "pull-request.yml")["jobs"]["images"]
    machines = {m["architecture"]: m["runner"] for m in images["strategy"]["matrix"]["include"]}
    assert machines == {"x86_64": "ubuntu-24.04", "arm64": "ubuntu-24.04-arm"}


def test_nothing_of_a_pull_request_reaches_a_shell_unquoted() -> None:
    """What its author chooses (title, branch) must never be part of a script."""
    for path in WORKFLOWS:
        for job in read(path)["jobs"].values():
            for step in job["steps"]:
                assert "${{" not in step.get("run", "")
