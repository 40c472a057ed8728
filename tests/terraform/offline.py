"""Runs Terraform on a copy of what it reads of this project, without an AWS account.

FLEET_TERRAFORM_OFFLINE names a command that is called as `COMMAND FOLDER -- PROGRAM [ARGUMENT...]`:
it runs PROGRAM in an initialised copy of FOLDER, where `terraform` reaches providers that make
nothing. Without it, what would plan or apply is skipped.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fleet.catalogue import load
from fleet.paths import CATALOGUE, CATALOGUE_SCHEMA, ROOT

ACCOUNT = "123456789012"
REGION = "us-east-1"
FIXTURE = ROOT / "terraform" / "tests" / "fixtures" / "functions.yaml"


@dataclass(frozen=True)
class Project:
    """A copy of the roots, the catalogue and its schema."""

    root: Path

    def run(self, folder: str, script: str) -> subprocess.CompletedProcess[str]:
        """Run a shell script in an initialised copy of a root; `folder` is relative to the copy."""
        wrapper = shlex.split(os.environ["FLEET_TERRAFORM_OFFLINE"])
        command = [*wrapper, str(self.root / folder), "--", "sh", "-c", script]
        return subprocess.run(command, cwd=self.root, capture_output=True, text=True)


def copy_project(target: Path) -> Project:
    """Copy what Terraform reads; the copy is a work tree of its own."""
    ignore = shutil.ignore_patterns(".terraform", ".terraform.lock.hcl", "*.tfstate*")
    shutil.copytree(ROOT / "terraform", target / "terraform", ignore=ignore)
    shutil.copy2(CATALOGUE_SCHEMA, target)
    (target / CATALOGUE.name).write_text(guarded(CATALOGUE.read_text()))
    shutil.copytree(ROOT / "state-machines", target / "state-machines")
    subprocess.run(["git", "init", "--quiet", str(target)], check=True)
    return Project(target)


def guarded(catalogue: str) -> str:
    """The catalogue with an authorizer, which plans of authorized routes need."""
    if load(CATALOGUE).authorizer:
        return catalogue
    return f"authorizer: {next(iter(load(CATALOGUE).functions))}\n{catalogue}"


def require_offline_providers() -> None:
    """Never plan or apply with the real provider: it would reach an AWS account."""
    if not os.environ.get("FLEET_TERRAFORM_OFFLINE"):
        pytest.skip("FLEET_TERRAFORM_OFFLINE names no command that runs Terraform without AWS")


def resources(shown: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every managed resource of `terraform show -json`."""

    def walk(module: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        yield from (r for r in module.get("resources", []) if r["mode"] == "managed")
        for child in module.get("child_modules", []):
            yield from walk(child)

    yield from walk(shown["values"]["root_module"])


def write_variables(path: Path, **values: Any) -> Path:
    """Write variables beside those of dev.tfvars."""
    path.write_text(json.dumps(values))
    return path
