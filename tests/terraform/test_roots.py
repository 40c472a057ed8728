"""Terraform's own tests of both roots, and what `scripts/terraform.sh` says of a failure."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from fleet.paths import ROOT

ROOTS = ("terraform", "terraform/registry")


def script(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "scripts/terraform.sh", command],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


def test_roots() -> None:
    offline = os.environ.get("FLEET_TERRAFORM_OFFLINE")
    if not offline and not shutil.which("terraform"):
        pytest.skip("terraform is not installed")
    done = script("test")
    if not offline and "registry.terraform.io" in done.stderr:
        pytest.skip("terraform reaches no registry, and FLEET_TERRAFORM_OFFLINE is not set")

    assert done.returncode == 0, done.stderr
    for root in ROOTS:
        assert re.search(rf"^{root}: Success! [1-9]\d* passed, 0 failed", done.stdout, re.MULTILINE)


@dataclass(frozen=True)
class Said:
    """What a program in the place of another prints, and how it ends."""

    text: str = ""
    status: int = 0


def lint(
    folder: Path, terraform: Said = Said(), checkov: Said = Said()
) -> subprocess.CompletedProcess[str]:
    """Lint with programs in the place of Terraform and checkov."""
    environment = {}
    for variable, said in (("FLEET_TERRAFORM_OFFLINE", terraform), ("CHECKOV", checkov)):
        program = folder / variable.lower()
        program.write_text(f"#!/bin/sh\necho {shlex.quote(said.text)}\nexit {said.status}\n")
        program.chmod(0o755)
        environment[variable] = str(program)
    return script("lint", **environment)


def test_lint_is_quiet_when_all_is_well(tmp_path: Path) -> None:
    done = lint(tmp_path, checkov=Said("Passed checks: 3, Failed checks: 0"))

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_lint_names_what_failed_in_each_root(tmp_path: Path) -> None:
    done = lint(tmp_path, terraform=Said("main.tf differs", 3))

    assert done.returncode == 1
    for root in ROOTS:
        assert f"failed: in_root {root} " in done.stderr
    assert done.stderr.count("main.tf differs") == len(ROOTS)


def test_lint_shows_broken_rules_and_the_way_out(tmp_path: Path) -> None:
    said = "Check: CKV_AWS_1 FAILED for resource: aws_s3_bucket.b"
    done = lint(tmp_path, checkov=Said(said, 1))

    assert done.returncode == 1
    assert said in done.stderr
    assert "#checkov:skip=<rule>:<reason>" in done.stderr


def test_lint_does_not_believe_a_success_that_left_files_out(tmp_path: Path) -> None:
    """checkov succeeds over what it cannot parse."""
    done = lint(tmp_path, checkov=Said("Failed checks: 0, Parsing errors: 1"))

    assert done.returncode == 1
    assert "could not parse every file" in done.stderr


def test_lint_fails_without_checkov(tmp_path: Path) -> None:
    done = lint(tmp_path, checkov=Said(status=127))

    assert done.returncode == 1


def variables(root: str) -> dict[str, str]:
    """By name: the text of each variable's block."""
    text = (ROOT / root / "variables.tf").read_text()
    return dict(re.findall(r'^variable "(\w+)" \{\n(.*?)^\}', text, re.MULTILINE | re.DOTALL))


def test_both_roots_take_the_same_values() -> None:
    """Terraform has no variables that two roots share, so each states and validates its own."""
    main, registry = map(variables, ROOTS)
    for name in ("region", "account_id", "catalogue"):
        rules = [block[name].partition("validation {")[2] for block in (main, registry)]
        assert rules[0]
        assert rules[0] == rules[1]
    for rule in (r'regex\("([^"]+)"', r"contains\((\[[^]]+\])"):
        found = re.findall(rule, main["environment"])
        assert found
        assert found == re.findall(rule, registry["environments"])


def test_each_exception_to_a_rule_has_a_reason() -> None:
    skips = [
        (path.relative_to(ROOT), comment)
        for path in (ROOT / "terraform").rglob("*.tf")
        for comment in re.findall(r"#\s*checkov:skip.*", path.read_text())
    ]

    assert skips
    assert [
        skip for skip in skips if not re.fullmatch(r"#checkov:skip=CKV2?_AWS_\d+:\S.{20,}", skip[1])
    ] == []
