"""The environments of this repository: each can be planned, and two share an account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fleet.catalogue import load
from fleet.paths import CATALOGUE, ROOT
from terraform.offline import ACCOUNT, Project, resources, write_variables
from terraform.test_wiring import images, zips

ENVIRONMENTS = sorted(path.stem for path in (ROOT / "terraform/environments").glob("*.tfvars"))


def test_each_environment_has_a_backend_of_its_own() -> None:
    backends = {
        name: (ROOT / f"terraform/environments/{name}.s3.tfbackend").read_text()
        for name in ENVIRONMENTS
    }

    assert {"dev", "prod"} <= set(ENVIRONMENTS)
    for name, backend in backends.items():
        settings = dict(
            line.split("=", 1) for line in backend.replace(" ", "").splitlines() if "#" not in line
        )
        assert settings["key"] == f'"{name}/terraform.tfstate"'
        assert settings["use_lockfile"] == "true"
        assert settings["encrypt"] == "true"


@pytest.fixture(scope="module")
def applied(
    offline_project: Project, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[dict[str, Any]]]:
    """By environment: the resources that it holds, applied again without any change."""
    folder = tmp_path_factory.mktemp("environments")
    catalogue = load(CATALOGUE)
    packages = write_variables(
        folder / "packages.tfvars.json", images=images(catalogue), zips=zips(catalogue)
    )
    found = {}
    for name in ENVIRONMENTS:
        options = (
            f"-no-color -input=false -var-file=environments/{name}.tfvars -var-file={packages}"
        )
        done = offline_project.run(
            "terraform",
            f"terraform apply -auto-approve {options} >&2 &&"
            f" terraform plan -detailed-exitcode {options} >&2 &&"
            f" terraform show -json > {folder}/{name}.json",
        )
        assert done.returncode == 0, done.stderr
        shown = json.loads(Path(folder / f"{name}.json").read_text())
        found[name] = list(resources(shown))
    return found


def test_environments_share_an_account_without_clashes(
    applied: dict[str, list[dict[str, Any]]],
) -> None:
    arns = {
        name: {r["values"]["arn"] for r in made if r["values"].get("arn")}
        for name, made in applied.items()
    }
    for name, own in arns.items():
        assert len(own) > len(load(CATALOGUE).functions)
        for other, others in arns.items():
            assert other == name or not own & others


def test_objects_expire_where_the_catalogue_says_so(
    applied: dict[str, list[dict[str, Any]]],
) -> None:
    catalogue = load(CATALOGUE)
    for name, made in applied.items():
        wanted = {
            (f"{catalogue.project}-{name}-{bucket}-{ACCOUNT}", prefix, days)
            for bucket, prefixes in catalogue.expire_days.items()
            for prefix, days in prefixes.items()
        }
        expiring = {
            (resource["values"]["bucket"], rule["filter"][0]["prefix"], expiration["days"])
            for resource in made
            if resource["type"] == "aws_s3_bucket_lifecycle_configuration"
            for rule in resource["values"]["rule"]
            for expiration in rule["expiration"]
            if expiration["days"]
        }
        assert expiring == wanted
