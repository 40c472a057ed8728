"""How Terraform is called; a program in its place writes down its arguments."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from fleet.errors import FleetError
from fleet.release import registry_root
from fleet.release.environments import Environment
from fleet.release.infrastructure import Artifacts, Deployed, FailureMetrics, Terraform

PROGRAM = """#!/bin/sh
printf '%s\\n' "$*" >>"$CALLS"
case "$*" in
  *" plan "*)
    for word; do
      case $word in -var-file=*.json) cp "${word#-var-file=}" "$CALLS.variables";; esac
    done;;
  *" init "*) ls "${1#-chdir=}" >"$CALLS.files";;
  *" output "*) cat "$CALLS.outputs";;
esac
case "$*" in *" $FAILS "*) exit 1;; esac
"""
OUTPUTS = {
    "functions": {
        "value": {
            "first": {
                "name": "shop-dev-first",
                "alias": "live",
                "published_version": "7",
                "image_uri": "registry/shop/first@sha256:a",
                "log_group": "/aws/lambda/shop-dev-first",
                "alarm_names": ["shop-dev-first-errors"],
                "failure_metrics": {
                    "namespace": "shop-dev",
                    "names": ["MessagesFailed"],
                    "threshold": 2,
                },
            },
            "second": {
                "name": "shop-dev-second-zip",
                "alias": "live",
                "published_version": "4",
                "image_uri": None,
                "log_group": "/aws/lambda/shop-dev-second-zip",
                "alarm_names": [],
                "failure_metrics": {"namespace": "shop-dev", "names": [], "threshold": 1},
            },
        }
    },
    "parallel_functions": {"value": {"second": "shop-dev-second"}},
    "parallel_versions": {"value": {"second": "2"}},
}
ZIP = "s3://shop-releases-1/dev/packages/second/" + "0" * 16 + "-x86_64-" + "f" * 64 + ".zip"


class Calls:
    def __init__(self, path: Path) -> None:
        self.path = path

    def lines(self) -> list[str]:
        return self.path.read_text().splitlines()


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Calls:
    program = tmp_path / "bin" / "terraform"
    program.parent.mkdir()
    program.write_text(PROGRAM)
    program.chmod(0o755)
    (tmp_path / "calls.outputs").write_text(json.dumps(OUTPUTS))
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    monkeypatch.setenv("FAILS", "nothing")
    return Calls(tmp_path / "calls")


@pytest.fixture
def terraform(tmp_path: Path) -> Terraform:
    folder = tmp_path / "terraform"
    folder.mkdir()
    return Terraform(Environment("dev", "us-east-1", None), "shop-terraform-state-1", folder)


def test_what_is_applied_is_what_was_shown(calls: Calls, terraform: Terraform) -> None:
    terraform.plan(Artifacts({"first": "tag@sha256:a"}, {"second": ZIP}))
    deployed = terraform.apply()

    init, plan, apply, output = (line.partition(" ")[2] for line in calls.lines())
    assert init == (
        "init -input=false -reconfigure -backend-config=environments/dev.s3.tfbackend "
        "-backend-config=bucket=shop-terraform-state-1"
    )
    assert plan.startswith("plan -input=false -var-file=environments/dev.tfvars -var-file=")
    assert apply == f"apply -input=false {plan.partition('-out=')[2]}"
    assert output == "output -json"
    assert deployed == [
        Deployed(
            "first",
            "shop-dev-first",
            "7",
            "image",
            ("shop-dev-first-errors",),
            FailureMetrics("shop-dev", ("MessagesFailed",), 2),
        ),
        Deployed(
            "second",
            "shop-dev-second-zip",
            "4",
            "zip",
            failures=FailureMetrics("shop-dev", (), 1),
        ),
        Deployed("second", "shop-dev-second", "2", "image", parallel=True),
    ]
    assert json.loads(calls.path.with_name("calls.variables").read_text()) == {
        "images": {"first": "tag@sha256:a"},
        "zips": {
            "second": {
                "bucket": "shop-releases-1",
                "key": ZIP.removeprefix("s3://shop-releases-1/"),
                "source_code_hash": base64.b64encode(b"\xff" * 32).decode(),
            }
        },
    }


def test_a_destruction_is_planned_too(calls: Calls, terraform: Terraform) -> None:
    terraform.plan_destruction()
    assert " -destroy -refresh=false -out=" in calls.lines()[-1]


@pytest.mark.parametrize("step", ["init", "plan"])
def test_a_refusal_ends_it(
    calls: Calls, terraform: Terraform, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setenv("FAILS", step)
    with pytest.raises(FleetError, match=f"terraform {step} failed"):
        terraform.plan(Artifacts())


def test_terraform_is_not_installed(terraform: Terraform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(FleetError, match="install Terraform"):
        terraform.plan(Artifacts())


class TestRegistryRoot:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "registry" / ".terraform").mkdir(parents=True)
        return tmp_path / "registry"

    def apply(self, folder: Path, *, bucket_exists: bool, answer: bool = True) -> None:
        registry_root.apply(
            "shop-state", bucket_exists=bucket_exists, confirm=lambda _: answer, folder=folder
        )

    def test_the_first_apply_moves_its_state_into_the_bucket_that_it_made(
        self, calls: Calls, folder: Path
    ) -> None:
        self.apply(folder, bucket_exists=False)
        verbs = [line.split()[1] for line in calls.lines()]
        assert verbs == ["init", "plan", "apply", "init"]
        assert "-backend-config" not in calls.lines()[0]
        assert "-migrate-state -force-copy" in calls.lines()[-1]
        assert "bucket=shop-state" in calls.lines()[-1]
        # The local backend is gone before the state moves.
        assert registry_root.OVERRIDE not in calls.path.with_name("calls.files").read_text()

    def test_a_later_apply_uses_the_bucket(self, calls: Calls, folder: Path) -> None:
        self.apply(folder, bucket_exists=True)
        assert [line.split()[1] for line in calls.lines()] == ["init", "plan", "apply"]
        assert "bucket=shop-state" in calls.lines()[0]

    def test_an_interrupted_first_apply_is_taken_up(self, calls: Calls, folder: Path) -> None:
        (folder / registry_root.STATE).write_text("{}")
        self.apply(folder, bucket_exists=True)
        assert "-backend-config" not in calls.lines()[0]
        assert "-migrate-state" in calls.lines()[-1]
        assert not (folder / registry_root.STATE).exists()

    def test_no_leaves_everything(self, calls: Calls, folder: Path) -> None:
        with pytest.raises(FleetError, match="nothing was changed"):
            self.apply(folder, bucket_exists=False, answer=False)
        assert [line.split()[1] for line in calls.lines()] == ["init", "plan"]
        assert not (folder / registry_root.OVERRIDE).exists()
