"""The real Terraform, called as a release calls it, with providers that make nothing."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import command_lines
from checkout import copy_checkout
from fleet.catalogue import load
from fleet.paths import CATALOGUE
from terraform.offline import Project, guarded, require_offline_providers
from unit.release.conftest import image, zip_

# Runs inside the initialised copy, whose backend is local.
PROGRAM = """
import dataclasses, json, sys
from pathlib import Path
from fleet.release.environments import load
from fleet.release.destruction import removed
from fleet.release.infrastructure import Artifacts, Terraform

class Initialised(Terraform):
    def initialise(self):
        pass

environment = load("dev", Path("environments"))
terraform = Initialised(environment, "unused", Path.cwd())
terraform.plan(Artifacts(*json.loads(sys.argv[1])))
deployed = terraform.apply()
terraform.plan_destruction()
result = {
    "deployed": [dataclasses.asdict(d) for d in deployed],
    "removed": removed(terraform.planned()),
}
Path(sys.argv[2]).write_text(json.dumps(result))
"""
ZIP = "curated-to-prod"


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """After an apply with one zip function, which has an image function beside it."""
    require_offline_providers()
    project = Project(copy_checkout(tmp_path_factory.mktemp("release")))
    subprocess.run(["git", "init", "--quiet", str(project.root)], check=True)
    catalogue = project.root / "functions.yaml"
    text = guarded(catalogue.read_text())
    assert f"  {ZIP}:\n" in text
    catalogue.write_text(text.replace(f"  {ZIP}:\n", f"  {ZIP}:\n    package_type: zip\n"))
    with (project.root / "terraform" / "environments" / "dev.tfvars").open("a") as variables:
        variables.write(f'parallel_packages = {{ {ZIP} = "image" }}\n')
    images = {name: image(name[:8]) for name in load(catalogue).images}
    answer = project.root / "answer.json"
    artifacts = json.dumps([images, {ZIP: zip_("b1")}])
    path = shlex.quote(command_lines.FLEET)
    command = shlex.join([sys.executable, "-c", PROGRAM, artifacts, str(answer)])
    run = project.run("terraform", f"PYTHONPATH={path} {command}")
    assert run.returncode == 0, run.stdout + run.stderr
    return json.loads(Path(answer).read_text())


def test_an_apply_tells_what_a_release_needs(result: dict) -> None:
    catalogue = load(CATALOGUE)
    prefix = f"{catalogue.project}-dev"
    deployed = {
        d["function"]: (d["name"], d["package_type"], d["parallel"]) for d in result["deployed"]
    }
    others = {f"{prefix}-{name}": (name, "image", False) for name in catalogue.functions}
    assert deployed == others | {
        f"{prefix}-{ZIP}-zip": (ZIP, "zip", False),
        f"{prefix}-{ZIP}": (ZIP, "image", True),
    }
    for one in result["deployed"]:
        assert one["version"].isdigit()
        assert one["parallel"] or f"{one['function']}-errors" in one["alarms"]


def test_a_destruction_names_everything(result: dict) -> None:
    functions = [a for a in result["removed"] if "aws_lambda_function.this" in a]
    assert len(functions) == len(load(CATALOGUE).functions) + 1
    assert any("aws_s3_bucket" in address for address in result["removed"])
