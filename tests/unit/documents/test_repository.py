"""What the files for contributors and their tools say matches the repository."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from checkout import matching
from fleet.paths import CONSTRAINTS, ROOT

HOOKS = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
RENOVATE = json.loads((ROOT / "renovate.json").read_text())


def test_every_check_is_a_hook() -> None:
    checks = re.findall(r"(?m)^check ([a-z]+) ", (ROOT / "scripts/check.sh").read_text())

    hooks = {hook["id"]: hook["entry"] for hook in HOOKS}
    assert {name: hooks.get(name) for name in checks} == {
        name: f"make --silent check CHECKS={name}" for name in checks
    }
    assert len(checks) > 5


def test_an_unknown_check_is_refused() -> None:
    done = subprocess.run(
        ["scripts/check.sh", "no-such-check"], cwd=ROOT, capture_output=True, text=True
    )

    assert done.returncode == 1
    assert "unknown check: no-such-check; there are: format lint " in done.stderr


@pytest.mark.parametrize("hook", [h for h in HOOKS if "files" in h], ids=lambda h: h["id"])
def test_a_hook_concerns_files_that_exist(hook: dict[str, str]) -> None:
    assert any(re.search(hook["files"], path) for path in matching("*"))


@pytest.mark.parametrize(
    "path",
    re.findall(r"(?m)^(/\S+)", (ROOT / ".github/CODEOWNERS").read_text()),
)
def test_owned_paths_exist(path: str) -> None:
    assert (ROOT / path.lstrip("/")).exists()


def test_paths_in_the_contributing_guide_exist() -> None:
    text = re.sub(r"(?s)```.*?```", "", (ROOT / "CONTRIBUTING.md").read_text())
    paths = {p for p in re.findall(r"`([\w./-]+)`", text) if "/" in p and not p.startswith(".")}

    assert paths
    assert {p for p in paths if not (ROOT / p).exists()} == set()


def test_the_readme_names_every_folder_of_tests() -> None:
    section = (ROOT / "README.md").read_text().partition("\n## Tests\n")[2].partition("\n## ")[0]
    folders = set(re.findall(r"`((?:tests|terraform)/[\w/-]*/)", section))

    assert {f for f in folders if not (ROOT / f).is_dir()} == set()

    assert {f"tests/{p.name}/" for p in (ROOT / "tests").iterdir() if any(p.glob("test_*.py"))} <= (
        folders
    )


class TestRenovate:
    def test_finds_every_pinned_version_of_the_constraints(self) -> None:
        [manager] = RENOVATE["customManagers"]
        [pattern] = manager["managerFilePatterns"]
        [match] = manager["matchStrings"]

        assert re.search(pattern.strip("/"), CONSTRAINTS.name)
        text = CONSTRAINTS.read_text()
        found = re.findall(match.replace("(?<", "(?P<"), text)
        assert found == re.findall(r"(?m)^([^#=\s]+)==(\S+)", text)

    def test_every_dockerfile_has_one_base_by_digest(self) -> None:
        """One pull request then changes all, and the images keep sharing their first layer."""
        files = [*matching("*Dockerfile"), *matching("*Dockerfile.template")]
        # It takes its base from the function that it is compared with.
        files.remove("benchmarks/naive-image/Dockerfile")
        bases = {
            re.search(r"(?m)^ARG PYTHON_IMAGE=(.*)$", (ROOT / file).read_text()) for file in files
        }

        assert {base and base[1].partition("@sha256:")[0] for base in bases} == {
            "python:3.13-slim-trixie"
        }
        assert len({base and base[1] for base in bases}) == 1

    def test_every_rule_is_about_a_manager_in_use(self) -> None:
        managers = set(RENOVATE["enabledManagers"])

        for rule in RENOVATE["packageRules"]:
            assert set(rule.get("matchManagers", managers)) <= managers

    def test_runs_targets_that_exist(self) -> None:
        makefile = (ROOT / "Makefile").read_text()

        commands = [
            command
            for rule in RENOVATE["packageRules"]
            for command in rule.get("postUpgradeTasks", {}).get("commands", [])
        ]
        assert commands
        for command in commands:
            target = Path(command).name.split()[1]
            assert re.search(rf"(?m)^{target}:", makefile), command
