"""What code calls of AWS, its role allows: in the functions, and in a release by GitHub."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from fleet import libs
from fleet.catalogue import load
from fleet.paths import CATALOGUE, ROOT
from terraform.calls import actions, reached
from terraform.offline import Project, resources, write_variables
from terraform.test_wiring import images, zips

WRITES = {"s3:PutObject", "s3:DeleteObject"}
# Of `make prune-images`, which a person runs.
NOT_BY_GITHUB = {"ecr:BatchDeleteImage", "lambda:ListFunctions", "lambda:ListVersionsByFunction"}


@pytest.fixture(scope="module")
def policies(offline_project: Project, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """By role: the policy of each function in dev, and of GitHub's roles."""
    folder = tmp_path_factory.mktemp("permissions")
    catalogue = load(CATALOGUE)
    packages = write_variables(
        folder / "packages.tfvars.json", images=images(catalogue), zips=zips(catalogue)
    )
    options = {
        "terraform": f"-var-file=environments/dev.tfvars -var-file={packages}",
        "terraform/registry": "-var-file=registry.tfvars -var github_repository=owner/project",
    }
    found: dict[str, str] = {}
    for number, (root, chosen) in enumerate(options.items()):
        shown = folder / f"{number}.json"
        done = offline_project.run(
            root,
            f"terraform apply -no-color -auto-approve -input=false {chosen} >&2"
            f" && terraform show -json > {shown}",
        )
        assert done.returncode == 0, done.stderr
        for resource in resources(json.loads(shown.read_text())):
            if resource["type"] == "aws_iam_role_policy":
                found[resource["values"]["role"]] = resource["values"]["policy"]
    return found


def refused(needed: set[str], policy: str) -> set[str]:
    """The actions that no statement of a policy allows."""
    allowed = [pattern for s in statements(policy, "Allow") for pattern in listed(s["Action"])]
    return {a for a in needed if not any(fnmatchcase(a, pattern) for pattern in allowed)}


def statements(policy: str, effect: str) -> Iterator[dict[str, Any]]:
    yield from (s for s in json.loads(policy)["Statement"] if s["Effect"] == effect)


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def python_files(*folders: str | Path) -> list[Path]:
    return [path for folder in folders for path in (ROOT / folder).rglob("*.py")]


def test_what_code_needs_is_found(tmp_path: Path) -> None:
    source = tmp_path / "any.py"
    source.write_text(
        "s3, machines = boto3.client('s3'), boto3.client('stepfunctions')\n"
        "s3.head_object(Bucket='b', Key='k')\n"
        "s3.get_paginator('list_objects_v2')\n"
        "machines.start_execution()\n"
        "queue.send_message()\n"
    )

    assert actions([source]) == {
        "s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "states:StartExecution"
    }  # fmt: skip


def test_only_what_a_handler_imports_counts(tmp_path: Path) -> None:
    """The functions of one image have permissions of their own."""
    library = tmp_path / "library" / "shop"
    library.mkdir(parents=True)
    files = {
        tmp_path / "handler.py": "from shop import orders\n",
        tmp_path / "batch_handler.py": "import shop.queues\n",
        library / "__init__.py": "",
        library / "orders.py": "def late():\n    from .prices import total\n",
        library / "prices.py": "",
        library / "queues.py": "from shop.orders import late\n",
    }
    for file, text in files.items():
        file.write_text(text)

    roots = [tmp_path, tmp_path / "library"]
    assert reached("handler", roots) == set(files) - {
        tmp_path / "batch_handler.py",
        library / "queues.py",
    }
    assert reached("batch_handler", roots) == set(files) - {tmp_path / "handler.py"}


@pytest.mark.parametrize("name", load(CATALOGUE).functions)
def test_a_function_may_do_what_it_calls(name: str, policies: dict[str, str]) -> None:
    catalogue = load(CATALOGUE)
    folder = ROOT / catalogue.folder_of(name)
    shared = [library.sources for library in libs.named_in(folder / "requirements.in")]
    handler = catalogue.functions[name].handler.rpartition(".")[0]
    needed = actions(reached(handler, [folder / "src", *shared]))
    if not catalogue.functions[name].writes.buckets:
        # The shared storage can write too. A function that declares no bucket to write, such as the
        # API of a system, only reads with it.
        needed -= WRITES - actions(reached(handler, [folder / "src"]))

    assert refused(needed, policies[f"{catalogue.project}-dev-{name}"]) == set()


def test_github_may_do_what_a_release_calls(policies: dict[str, str]) -> None:
    needed = actions(python_files("scripts/fleet/release"))

    assert {"lambda:UpdateAlias", "ecr:PutImage", "s3:PutObject"} <= needed
    policy = policies[f"{load(CATALOGUE).project}-ci-deploy-dev"]
    assert refused(needed - NOT_BY_GITHUB, policy) == set()
    assert "ecr:BatchDeleteImage" in refused(needed, policy)
