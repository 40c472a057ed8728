"""The Docker command line, as the one way this project talks to an engine."""

from __future__ import annotations

import platform
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from fleet.errors import FleetError

MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
PLATFORMS = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}


def machine() -> str:
    """This machine's architecture as Lambda names it: x86_64 or arm64."""
    return MACHINES.get(platform.machine().lower(), platform.machine())


def available() -> bool:
    """Whether a Docker engine answers."""
    return shutil.which("docker") is not None and _run(["docker", "info"]).returncode == 0


def require() -> None:
    """Raise FleetError with what to do if no engine answers."""
    if not available():
        raise FleetError(
            "No Docker engine answers. Start one and check with `docker info`; "
            "`make up MODE=process` and `make test` work without."
        )


def docker(*arguments: str, stdin: str | None = None, timeout: float | None = None) -> str:
    """Run a docker command and return what it prints; its error becomes a FleetError.

    Raises subprocess.TimeoutExpired after `timeout` seconds.
    """
    result = _run(["docker", *arguments], stdin, timeout)
    if result.returncode:
        raise FleetError(f"docker {' '.join(arguments[:2])} failed:\n{result.stderr.strip()}")
    return result.stdout


def succeeds(*arguments: str) -> bool:
    """Whether a docker command succeeds."""
    return _run(["docker", *arguments]).returncode == 0


def stream(*arguments: str, cwd: Path, stdin: str | None = None) -> int:
    """Run a docker command whose output the user sees as it comes; return its exit code."""
    return subprocess.run(
        ["docker", *arguments],
        input=stdin,
        text=True,
        check=False,
        cwd=cwd,
    ).returncode


def image_exists(reference: str) -> bool:
    """Whether the engine holds the image."""
    return succeeds("image", "inspect", reference)


def runs(architecture: str) -> bool:
    """Whether programs of an architecture run here, natively or through a registered emulator."""
    if architecture == machine():
        return True
    name = {"arm64": "qemu-aarch64", "x86_64": "qemu-x86_64"}[architecture]
    try:
        with open(f"/proc/sys/fs/binfmt_misc/{name}", encoding="ascii") as entry:
            return entry.readline().strip() == "enabled"
    except OSError:
        return False


def _run(
    command: Sequence[str], stdin: str | None = None, timeout: float | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, input=stdin, capture_output=True, text=True, check=False, timeout=timeout
    )


def cpus() -> int:
    """How many processors the engine can give to a container."""
    return int(docker("info", "--format", "{{.NCPU}}"))


def logs(container: str) -> str:
    """What a container has written so far, standard error included."""
    result = _run(["docker", "logs", container])
    return result.stdout + result.stderr
