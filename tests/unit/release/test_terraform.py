"""The real Terraform, called as a release calls it, with providers that make nothing."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from checkout import copy_checkout
from fleet.catalogue import load
from fleet.paths import CATALOGUE, ROOT
from terraform.offline import Project, require_offline_providers
from unit.release.conftest import image

# Runs inside the initialised copy, whose backend is local.
PROGRAM = """
import json, sys
from pathlib import Path
from fleet.release.environments import Environment
from fleet.release.infrastructure import Terraform, removed

class Initialised(Terraform):
    def initialise(self):
        pass

terraform = Initialised(Environment("dev", "us-east-1", None), "unused", Path.cwd())
images = json.loads(sys.argv[1])
terraform.plan(images)
deployed = terraform.apply()
terraform.plan(images, destroy=True)
result = {
    "deployed": {name: [d.function, d.version, d.alarms] for name, d in deployed.items()},
    "removed": removed(terraform.planned()),
}
Path(sys.argv[2]).write_text(json.dumps(result))
"""


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> dict:
    require_offline_providers()
    project = Project(copy_checkout(tmp_path_factory.mktemp("release")))
    subprocess.run(["git", "init", "--quiet", str(project.root)], check=True)
    images = {name: image(name[:8]) for name in load(CATALOGUE).functions}
    answer = project.root / "answer.json"
    paths = os.pathsep.join(str(ROOT / p) for p in ("scripts", "images", "libs/src"))
    command = [sys.executable, "-c", PROGRAM, json.dumps(images), str(answer)]
    run = project.run("terraform", f"PYTHONPATH={shlex.quote(paths)} {shlex.join(command)}")
    assert run.returncode == 0, run.stdout + run.stderr
    return json.loads(Path(answer).read_text())


def test_an_apply_tells_what_a_release_needs(result: dict) -> None:
    catalogue = load(CATALOGUE)
    assert set(result["deployed"]) == set(catalogue.functions)
    for name, (function, version, alarms) in result["deployed"].items():
        assert function == f"{catalogue.project}-dev-{name}"
        assert version.isdigit()
        assert f"{function}-errors" in alarms


def test_a_destruction_names_everything(result: dict) -> None:
    functions = [a for a in result["removed"] if "aws_lambda_function.this" in a]
    assert len(functions) == len(load(CATALOGUE).functions)
    assert any("aws_s3_bucket" in address for address in result["removed"])
