"""The local cloud: an AWS endpoint that runs the catalogue's functions on this machine.

Two modes, one interface: `process` needs nothing but Linux and runs every function from a virtual
environment of its lock file; `docker` runs the functions' images. `.fleet/cloud/state.json` says
which one runs.

    cloud = start(catalogue, "auto", image_for=tag_of)
    cloud.endpoint     for AWS SDKs, such as http://127.0.0.1:4566
    cloud.api_url      base URL of the HTTP API's routes
    stop()             keeps buckets and queues; stop(purge=True) does not
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fleet.catalogue import Catalogue
from fleet.cloud import docker_mode, local_values, process_mode
from fleet.cloud.folders import Folders, State
from fleet.cloud.resources import resources_of
from fleet.errors import FleetError
from fleet.paths import ROOT, STATE

Mode = Literal["auto", "docker", "process"]
# More workers than processors only start more slowly; two show what concurrency does.
POOL_SIZE = min(4, max(2, os.cpu_count() or 2))

__all__ = ["POOL_SIZE", "Cloud", "Mode", "logs", "start", "status", "stop", "temporary"]


@dataclass(frozen=True)
class Cloud:
    """The running local cloud. `pids` names its processes, and is empty with Docker."""

    mode: str
    endpoint: str
    api_id: str
    pids: dict[str, int]
    ports: dict[str, int]

    @property
    def api_url(self) -> str:
        """Base URL of the HTTP API, for any client; append a route's path."""
        return f"{self.endpoint}/_aws/execute-api/{self.api_id}/$default"

    @property
    def browser_url(self) -> str:
        """The same API at the root of a host name of its own, which browsers resolve."""
        return f"http://{self.api_id}.execute-api.localhost:{self.ports['endpoint']}"


def start(
    catalogue: Catalogue,
    mode: Mode = "auto",
    *,
    image_for: Callable[[str], str] | None = None,
    pool_size: int = POOL_SIZE,
    progress: Callable[[str], None] = lambda _: None,
    root: Path = ROOT,
    base: Path = STATE,
) -> Cloud:
    """Start the local cloud, or bring the running one up to date, and return once it is usable.

    `auto` is `docker` if an engine answers, else `process`. `image_for` turns a function's name
    into a local image's; `docker` needs it. `pool_size` limits the invocations of one function at
    a time. `root` holds the catalogue's files, `base` generated files. Raises FleetError.
    """
    folders = Folders(base)
    if mode == "auto":
        mode = "docker" if docker_mode.engine_answers() else "process"
    if mode == "docker" and image_for is None:
        raise FleetError("the local cloud with Docker needs the functions' images: make build-all")
    values = local_values.read(catalogue, folders, progress)
    other = status(base=base)
    if other and other.mode != mode:
        progress(f"Stopping the local cloud that runs in mode {other.mode} ...")
        stop(base=base)

    if mode == "docker":
        state = docker_mode.start(catalogue, folders, progress)
        resources = resources_of(catalogue, docker_mode.INTERNAL_ENDPOINT, pool_size, root)
    else:
        state = process_mode.start(catalogue, root, folders, pool_size, progress)
        resources = resources_of(catalogue, state.endpoint, pool_size, root, gathers=True)

    # Only needed here, and slow to import.
    from fleet.cloud.provision import provision

    try:
        image_for = image_for or "{}:source".format
        changes = provision(resources, state.endpoint, image_for, values)
    except BaseException:
        stop(base=base)
        raise
    if changes:
        progress(f"Made {len(changes)} resources from the catalogue.")
    return _cloud(state)


@contextmanager
def temporary(catalogue: Catalogue) -> Iterator[Cloud]:
    """A local cloud of its own in process mode, which leaves nothing behind.

    It shares the environments that are installed already, and those that it installs. Raises
    FleetError.
    """
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / STATE.name
        base.mkdir()
        shared = Folders(STATE).environments
        shared.mkdir(parents=True, exist_ok=True)
        Folders(base).environments.symlink_to(shared)
        running = start(catalogue, "process", base=base)
        try:
            yield running
        finally:
            stop(base=base, purge=True)


def status(*, base: Path = STATE) -> Cloud | None:
    """The local cloud that runs now; None if there is none."""
    folders = Folders(base)
    state = process_mode.status(folders) or docker_mode.status(folders)
    return _cloud(state) if state else None


def stop(*, purge: bool = False, base: Path = STATE) -> None:
    """Stop the local cloud, if it runs, with all its processes or containers.

    Buckets and queued messages are kept for the next start; `purge` deletes them.
    """
    folders = Folders(base)
    docker_mode.stop(folders, purge=purge)
    process_mode.stop(folders, purge=purge)


def logs(function: str | None = None, *, follow: bool = False, base: Path = STATE) -> Iterator[str]:
    """Yield the log lines of a function, or of the AWS endpoint; with `follow`, as they come.

    Raises FleetError if no local cloud runs.
    """
    folders = Folders(base)
    if process_mode.status(folders):
        return process_mode.logs(folders, function or "ministack", follow=follow)
    state = docker_mode.status(folders)
    if state is None:
        raise FleetError("the local cloud does not run; make up starts it")
    if function is None:
        return docker_mode.logs(state, follow=follow)

    from fleet.cloud.log_groups import lines

    return lines(state, function, follow=follow)


def _cloud(state: State) -> Cloud:
    return Cloud(state.mode, state.endpoint, state.api_id, state.pids, state.ports)
