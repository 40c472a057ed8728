"""The commands refuse what is unsafe, in one sentence that says what to do."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

import command_lines
from fleet.catalogue import load
from fleet.cli import app
from fleet.errors import FleetError
from fleet.paths import CATALOGUE, ROOT
from fleet.release import commands, environments
from fleet.release.environments import Environment
from fleet.release.session import Session
from fleet.release.shift import Steps, parse_steps

NOBODY = {
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def refusal(command: str, **environment: str) -> str:
    """The message with which a command ends."""
    result = CliRunner().invoke(app, [command], env=environment)
    assert isinstance(result.exception, FleetError)
    return str(result.exception)


@pytest.mark.parametrize("command", ["deploy", "rollback", "releases", "destroy", "plan"])
def test_an_environment_must_be_named(command: str) -> None:
    expected = f"ENV=... is missing; allowed: {', '.join(environments.names())}"
    assert refusal(command, ENV="") == expected


@pytest.mark.parametrize("word", ["", "yes", "dev"])
def test_production_is_not_destroyed_without_its_name(word: str) -> None:
    message = refusal("destroy", ENV="prod", CONFIRM=word, YES="1", **NOBODY)
    assert message.startswith("prod is production: `make destroy ENV=prod CONFIRM=prod`")


@pytest.mark.parametrize("steps", ["0", "100", "50,10", "10,10", "ten"])
def test_steps_must_rise(steps: str) -> None:
    with pytest.raises(FleetError, match="must be rising percents from 1 to 99"):
        parse_steps(steps, 1)


def test_steps() -> None:
    assert parse_steps("10,50", 300) == Steps([10, 50], 300)
    assert parse_steps("", 0) == Steps([], 0)
    with pytest.raises(FleetError, match="CANARY_SECONDS=-1 must be 0 or more"):
        parse_steps("10", -1)


def test_nobody_is_there_to_say_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("YES", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(FleetError, match=r"Go\? Nobody can answer here: set YES=1"):
        commands._confirm("Go?")
    monkeypatch.setenv("YES", "1")
    assert commands._confirm("Go?")


# From a commit, which an unpacked archive does not have.
DEPLOY = """
from fleet.cli import main
from fleet.release import preflight
from fleet.release.deploy import Source
preflight.source = lambda: Source("c1")
main()
"""


def test_without_credentials_there_is_one_message_and_no_traceback() -> None:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    result = subprocess.run(
        [sys.executable, "-c", DEPLOY, "deploy"],
        cwd=ROOT,
        env=clean | NOBODY | {"PYTHONPATH": command_lines.FLEET, "ENV": "dev"},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert result.returncode == 1
    assert "AWS cannot be asked" in result.stderr
    assert "AWS_PROFILE" in result.stderr
    assert "Traceback" not in result.stderr


def test_buckets_are_those_of_the_registry_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """terraform/registry makes the buckets that releases are written to."""
    monkeypatch.setattr(Session, "account", "1")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    catalogue = load(CATALOGUE)
    session = Session(catalogue, Environment("dev", "us-east-1", None))
    main = (ROOT / "terraform" / "registry" / "main.tf").read_text()
    made = {
        name.replace("${local.project}", catalogue.project).replace("${local.account}", "1")
        for name in re.findall(r'name\s+= "(\S+)"', main)
    }
    assert {session.state_bucket, session.releases_bucket} <= made


def test_the_tag_of_released_images_is_what_the_lifecycle_policy_keeps() -> None:
    from fleet.release.aws import RELEASE_PREFIX

    main = (ROOT / "terraform" / "registry" / "main.tf").read_text()
    assert f'tag_pattern_list = ["{RELEASE_PREFIX}*"]' in main
