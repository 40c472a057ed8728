"""The registry root: repositories, and what roles may at most be allowed."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

from fleet.catalogue import Catalogue, load
from fleet.images import build
from fleet.paths import CATALOGUE, ROOT
from terraform.offline import FIXTURE, Project, resources, write_variables
from terraform.test_wiring import images, zips

# "IAM and AWS STS quotas": characters without white space.
INLINE_POLICIES = 10_240
MANAGED_POLICY = 6_144


@pytest.fixture(scope="module")
def registry(
    offline_project: Project, tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("registry")
    done = offline_project.run(
        "terraform/registry",
        "terraform apply -no-color -auto-approve -input=false -var-file=registry.tfvars"
        " -var github_repository=owner/project >&2 &&"
        f" terraform show -json > {folder}/shown.json",
    )
    assert done.returncode == 0, done.stderr
    return list(resources(json.loads(Path(folder / "shown.json").read_text())))


@pytest.fixture(scope="module")
def roles(
    offline_project: Project, tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, Any]]:
    """The policies of the roles that the main root makes of the fixture catalogue, in a VPC."""
    folder = tmp_path_factory.mktemp("roles")
    text = FIXTURE.read_text().replace("project: shop", f"project: {load(CATALOGUE).project}")
    catalogue = folder / "functions.yaml"
    catalogue.write_text(text)
    (folder / "state-machines").symlink_to(FIXTURE.parent / "state-machines")
    wanted = Catalogue.model_validate(yaml.safe_load(text))
    variables = write_variables(
        folder / "variables.tfvars.json",
        catalogue=str(catalogue),
        images=images(wanted),
        zips=zips(wanted),
        vpc={"cidr": "10.20.0.0/20"},
    )
    done = offline_project.run(
        "terraform",
        "terraform apply -no-color -auto-approve -input=false -var-file=environments/dev.tfvars"
        f" -var-file={variables} >&2 && terraform show -json > {folder}/shown.json",
    )
    assert done.returncode == 0, done.stderr
    made = list(resources(json.loads(Path(folder / "shown.json").read_text())))
    return [r["values"] for r in made if r["type"] == "aws_iam_role_policy"]


def of_type(made: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [resource["values"] for resource in made if resource["type"] == kind]


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def allowed(policy: str) -> set[tuple[str, str]]:
    return {
        (action, resource)
        for statement in json.loads(policy)["Statement"]
        if statement["Effect"] == "Allow"
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
    }


def test_each_image_has_its_repository(registry: list[dict[str, Any]]) -> None:
    catalogue = load(CATALOGUE)
    made = {values["name"] for values in of_type(registry, "aws_ecr_repository")}

    assert made == {
        image.reference.partition(":")[0]
        for image in build.images_of(catalogue, catalogue.functions, ROOT)
    }
    policies = of_type(registry, "aws_ecr_lifecycle_policy")
    assert {values["repository"] for values in policies} == made


def test_roles_stay_within_the_boundary(
    registry: list[dict[str, Any]], roles: list[dict[str, Any]]
) -> None:
    """What a boundary leaves out, a role is refused at run time only."""
    (boundary,) = [
        values["policy"]
        for values in of_type(registry, "aws_iam_policy")
        if values["name"].endswith("-boundary")
    ]
    most = allowed(boundary)

    assert len(roles) > len(yaml.safe_load(FIXTURE.read_text())["functions"])
    for role in roles:
        for action, resource in allowed(role["policy"]):
            assert any(
                action == within and fnmatchcase(resource, pattern) for within, pattern in most
            ), f"{role['role']} is allowed {action} on {resource}, which the boundary refuses"


def test_policies_are_within_the_quotas(registry: list[dict[str, Any]]) -> None:
    for values in of_type(registry, "aws_iam_policy"):
        assert len("".join(values["policy"].split())) <= MANAGED_POLICY, values["name"]
    for values in of_type(registry, "aws_iam_role_policy"):
        assert len("".join(values["policy"].split())) <= INLINE_POLICIES, values["role"]
