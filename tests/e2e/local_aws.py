"""The local cloud as AWS, and the real command line in a process of its own over it."""

from __future__ import annotations

import os
import pty
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import command_lines
from checkout import copy_checkout
from fleet.catalogue import load
from fleet.cloud import docker_mode
from fleet.cloud.folders import Folders
from fleet.emulation import ACCOUNT, client
from fleet.paths import CATALOGUE
from terraform.offline import guarded

TERRAFORM_VARIABLE = "FLEET_TERRAFORM_OFFLINE"
# Two days later, by the clock that the commands read; all else is as it is.
LATER = """
from fleet.release import aws
now = aws.SystemClock.now
aws.SystemClock.now = lambda self: now(self) + 2 * 86400
from fleet.cli import main
main()
"""


@dataclass(frozen=True)
class LocalAws:
    """The endpoint, and the environment in which every SDK takes it for AWS."""

    endpoint: str
    environment: Mapping[str, str]
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = client(service, self.endpoint)
        return self._clients[service]

    def fleet(self, *arguments: str, later: bool = False, **variables: str) -> Done:
        """`python -m fleet ARGUMENTS` in this checkout; `later` is two days from now."""
        program = ["-c", LATER] if later else ["-m", "fleet"]
        return _run(
            [sys.executable, *program, *arguments],
            {**self.environment, "PYTHONPATH": command_lines.FLEET, **variables},
        )


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


@contextmanager
def serve(folder: Path) -> Iterator[LocalAws]:
    """Run the local cloud's endpoint; nothing is provisioned but the registry root's buckets."""
    folders = Folders(folder / ".fleet")
    catalogue = load(CATALOGUE)
    state = docker_mode.start(catalogue, folders, lambda _: None)
    try:
        s3 = client("s3", state.endpoint)
        for bucket in ("terraform-state", "releases"):
            s3.create_bucket(Bucket=f"{catalogue.project}-{bucket}-{ACCOUNT}")
        yield LocalAws(
            state.endpoint,
            {
                "AWS_ENDPOINT_URL": state.endpoint,
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_CONFIG_FILE": os.devnull,
                "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            },
        )
    finally:
        docker_mode.stop(folders, purge=True)


class Checkout:
    """A copy of this checkout whose commands run the real Terraform.

    Its states are in the local cloud's S3, through Terraform's own backend with its own locks;
    behind its providers there is nothing (see FLEET_TERRAFORM_OFFLINE in docs/terraform.md).
    """

    def __init__(self, target: Path, aws: LocalAws) -> None:
        if TERRAFORM_VARIABLE not in os.environ:
            pytest.skip(f"{TERRAFORM_VARIABLE} names no command that runs Terraform without AWS")
        self._aws = aws
        self.root = copy_checkout(target)
        catalogue = self.root / CATALOGUE.name
        catalogue.write_text(guarded(catalogue.read_text()))
        for backend in (self.root / "terraform").glob("**/*.s3.tfbackend"):
            # The local cloud has no host names for buckets.
            backend.write_text(f"{backend.read_text()}\nuse_path_style = true\n")
        subprocess.run(["git", "init", "--quiet", str(target)], check=True)

    def fleet(self, *arguments: str, answer: str | None = None, **variables: str) -> Done:
        """`python -m fleet ARGUMENTS`; with an `answer` there is a terminal that gives it."""
        python = shlex.quote(sys.executable)
        return self.shell(
            f"exec {python} -m fleet {shlex.join(arguments)}", answer=answer, **variables
        )

    def shell(self, script: str, *, answer: str | None = None, **variables: str) -> Done:
        """Run a script in terraform/, whose state the test's own wrapper would keep in a file."""
        begin = (
            "set -e; rm offline_override.tf; rm -rf .terraform; root=$(dirname $PWD)\n"
            # The copy has no history; release records name a commit.
            "git -C $root init --quiet\n"
            "git -C $root -c user.name=test -c user.email=test@example.invalid"
            " commit --quiet --allow-empty --message test\n"
            "export TF_CLI_ARGS=-no-color"
            " PYTHONPATH=$root/scripts:$root/images:$(echo $root/libs/*/src | tr ' ' :)\n"
        )
        wrapper = shlex.split(os.environ[TERRAFORM_VARIABLE])
        return _run(
            [*wrapper, str(self.root / "terraform"), "--", "sh", "-c", begin + script],
            {**self._aws.environment, "TERRAFORM_OFFLINE_ACCOUNT": ACCOUNT, **variables},
            answer,
        )


def _run(command: list[str], variables: Mapping[str, str], answer: str | None = None) -> Done:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "TF_"))}
    for name in ("ENV", "YES", "APPLY", "CONFIRM", "FUNCTION", "REGISTRY"):
        clean.pop(name, None)
    stdin, terminal = subprocess.DEVNULL, None
    if answer is not None:
        terminal, stdin = pty.openpty()
        os.write(terminal, f"{answer}\n".encode())
    try:
        done = subprocess.run(
            command, env={**clean, **variables}, stdin=stdin, capture_output=True, text=True
        )
    finally:
        if terminal is not None:
            os.close(terminal)
            os.close(stdin)
    return Done(done.returncode, done.stdout, done.stderr)
