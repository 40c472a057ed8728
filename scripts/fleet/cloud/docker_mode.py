"""Starts and stops the local cloud with Docker: compose.yaml, and functions as images."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator

from fleet.catalogue import Catalogue
from fleet.cloud import ports
from fleet.cloud.environments import Progress
from fleet.cloud.folders import Folders, State, read_state, write_state
from fleet.cloud.resources import ENVIRONMENT, api_id
from fleet.errors import FleetError
from fleet.images.build import build, local_cloud
from fleet.paths import ROOT

SERVICE = "cloud"
# The endpoint as containers on the project's network reach it.
INTERNAL_ENDPOINT = f"http://{SERVICE}:4566"
READY_S = 60
DOWN_ATTEMPTS = 5


def engine_answers() -> bool:
    """Whether a Docker engine and the compose plugin can be used."""
    try:
        return all(
            subprocess.run(["docker", *command], capture_output=True, timeout=20).returncode == 0
            for command in (["version"], ["compose", "version"])
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def start(catalogue: Catalogue, folders: Folders, progress: Progress) -> State:
    """Build and start the endpoint, or keep the one that runs; functions are not touched.

    Raises FleetError.
    """
    if not engine_answers():
        raise FleetError(
            "no Docker engine with the compose plugin answers; start Docker, or do without it: "
            "make up MODE=process"
        )
    running = status(folders)
    first = running.ports["endpoint"] if running else ports.choose()
    image = local_cloud(catalogue, ROOT)
    build([image], ROOT)
    progress("Starting the local cloud ...")
    state = ports.retry(lambda port: _up(catalogue, folders, image.reference, port), first)
    write_state(folders, state)
    return state


def status(folders: Folders) -> State | None:
    """The local cloud that runs, if any."""
    state = read_state(folders)
    if state is None or state.mode != "docker":
        return None
    command = ["ps", "--status", "running", "--quiet", SERVICE]
    return state if _compose(state.compose, *command, check=False).strip() else None


def stop(folders: Folders, *, purge: bool = False) -> None:
    """Remove the endpoint, every function's container and the network; `purge` also the data."""
    state = read_state(folders)
    if state and state.mode == "docker":
        _down(state.compose, purge=purge)
        folders.state.unlink(missing_ok=True)


def logs(state: State, *, follow: bool) -> Iterator[str]:
    """Yield the endpoint's log lines."""
    command = [*_command(state.compose), "logs", "--no-color", "--no-log-prefix", SERVICE]
    process = subprocess.Popen(
        [*command, "--follow"] if follow else command,
        env=_environment({}),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        for line in process.stdout or ():
            yield line.rstrip("\n")
    finally:
        process.terminate()
        process.wait()


def largest_tmp_mb(catalogue: Catalogue) -> int:
    """The endpoint has one setting for all functions; `make smoke` gives each its own."""
    return max((f.ephemeral_storage_mb for f in catalogue.functions.values()), default=512)


def _up(catalogue: Catalogue, folders: Folders, image: str, port: int) -> State:
    """Start the endpoint on a port of this machine; raises FleetError, with nothing left."""
    project = f"{catalogue.project}-{ENVIRONMENT}"
    compose = f"{project}-{_checkout(folders)}"
    variables = {
        "FLEET_CLOUD_IMAGE": image,
        "FLEET_PORT": str(port),
        "FLEET_TMP_MB": str(largest_tmp_mb(catalogue)),
    }
    try:
        _compose(compose, "up", "--detach", "--wait", "--wait-timeout", str(READY_S),
                 variables=variables)  # fmt: skip
    except FleetError as error:
        tail = _compose(compose, "logs", "--no-color", "--tail", "20", check=False)
        _down(compose)
        raise FleetError(f"{error}\n{tail}") from error
    except BaseException:
        _down(compose)
        raise
    return State(
        mode="docker",
        endpoint=f"http://{ports.HOST}:{port}",
        project=project,
        compose=compose,
        api_id=api_id(catalogue),
        ports={"endpoint": port},
    )


def _down(project: str, *, purge: bool = False) -> None:
    _compose(project, "stop", check=False)
    options = ["--volumes", "--rmi", "local"] if purge else []
    for attempt in range(DOWN_ATTEMPTS):
        _remove_functions(project)
        try:
            _compose(project, "down", "--remove-orphans", *options)
        except FleetError:
            # A container that the engine was still starting has joined the network.
            if attempt == DOWN_ATTEMPTS - 1:
                raise
        else:
            return


def _remove_functions(project: str) -> None:
    """The endpoint starts functions beside compose, which does not know them."""
    network = f"network={project}"
    listed = _docker("ps", "--all", "--quiet", "--filter", network, "--filter", "label=ministack")
    if listed.split():
        _docker("rm", "--force", "--volumes", *listed.split())


def _checkout(folders: Folders) -> str:
    """Tells two checkouts on one machine apart."""
    return hashlib.sha256(str(folders.base.resolve()).encode()).hexdigest()[:6]


def _environment(variables: dict[str, str]) -> dict[str, str]:
    host = os.environ.get("DOCKER_HOST", "")
    socket = {"FLEET_DOCKER_SOCKET": host[7:]} if host.startswith("unix://") else {}
    return {**os.environ, **socket, **variables}


def _command(project: str) -> list[str]:
    return [
        "docker",
        "compose",
        "--ansi",
        "never",
        "--project-name",
        project,
        "--file",
        str(ROOT / "compose.yaml"),
    ]


def _compose(
    project: str, *arguments: str, variables: dict[str, str] | None = None, check: bool = True
) -> str:
    return _run([*_command(project), *arguments], _environment(variables or {}), check=check)


def _docker(*arguments: str) -> str:
    return _run(["docker", *arguments], dict(os.environ), check=True)


def _run(command: list[str], environment: dict[str, str], *, check: bool) -> str:
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if check and result.returncode:
        shown = " ".join(word for word in command if not word.startswith("/"))
        raise FleetError(f"{shown} failed:\n{result.stderr.strip()}")
    return result.stdout
