"""Starts and stops the Docker-free local cloud."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from fleet import libs
from fleet.catalogue import Catalogue
from fleet.catalogue.derive import consumed_queues, physical_name
from fleet.cloud import environments, ports
from fleet.cloud.environments import CLOUD_LOCK, Progress
from fleet.cloud.folders import Folders, State, locked, read_state, write_json
from fleet.cloud.processes import require_linux
from fleet.cloud.resources import (
    ENVIRONMENT,
    MAX_BATCH_SIZE,
    arn,
    concurrency,
    resources_of,
    worker_environment,
)
from fleet.cloud.settings import BatchSettings, FunctionSettings, Settings
from fleet.errors import FleetError
from fleet.paths import ROOT

READY_S = 60.0
STOP_S = 30.0


def start(
    catalogue: Catalogue, root: Path, folders: Folders, pool_size: int, progress: Progress
) -> State:
    """Start the supervisor, or keep the one that runs if it runs exactly this."""
    require_linux()
    running = status(folders)
    first = running.ports["endpoint"] if running else ports.choose()
    settings = _settings(catalogue, root, folders, first, pool_size, progress)
    if running:
        with contextlib.suppress(OSError, ValueError):
            if Settings.read(folders.supervisor) == settings:
                return running
        progress("Restarting the local cloud, as its functions have changed ...")
    stop(folders)

    def launch(port: int) -> State:
        settings = _settings(catalogue, root, folders, port, pool_size, progress)
        _keep_queues(folders.data / "state" / "sqs.json", port)
        write_json(folders.supervisor, settings.as_json())
        return _launch(folders)

    return ports.retry(launch, first)


def status(folders: Folders) -> State | None:
    """The local cloud that runs and is ready, if any."""
    state = read_state(folders)
    return state if state and state.mode == "process" and locked(folders.lock) else None


def stop(folders: Folders, *, purge: bool = False) -> None:
    """End the supervisor and all it started; with `purge` delete the data too."""
    deadline = time.monotonic() + STOP_S
    pids: dict[str, int] = {}
    while locked(folders.lock):
        # One that is just starting says who it is soon; one that is stopping needs no signal.
        state = read_state(folders)
        if state and state.mode == "process" and state.pids != pids:
            pids = state.pids
            _signal(pids["guard"], signal.SIGTERM)
        if time.monotonic() > deadline:
            if not pids:
                raise FleetError("a local cloud neither starts nor stops; see .fleet/cloud/logs")
            for role in ("ministack", "supervisor", "guard"):
                _signal(pids[role], signal.SIGKILL)
        time.sleep(0.02)
    folders.state.unlink(missing_ok=True)
    if purge:
        shutil.rmtree(folders.cloud, ignore_errors=True)


def logs(folders: Folders, name: str, *, follow: bool) -> Iterator[str]:
    """Yield the lines of a log from its beginning; with `follow`, forever."""
    path = folders.log(name)
    while not path.exists():
        if not follow:
            return
        time.sleep(0.2)
    with path.open(errors="replace") as file:
        partial = ""
        while True:
            line = partial + file.readline()
            if line.endswith("\n"):
                partial = ""
                yield line[:-1]
            elif follow:
                partial = line
                time.sleep(0.2)
            else:
                if line:
                    yield line
                return


def _settings(
    catalogue: Catalogue,
    root: Path,
    folders: Folders,
    port: int,
    pool_size: int,
    progress: Progress,
) -> Settings:
    """Install the environments, and return how to run them."""
    endpoint = f"http://{ports.HOST}:{port}"
    resources = resources_of(catalogue, endpoint, pool_size, root)
    target = folders.environments
    ministack = environments.environment(target, "ministack", CLOUD_LOCK, progress)
    emulator = environments.emulator(target, progress)
    installed = [ministack, emulator]
    functions = []
    for resource in resources.functions:
        function = catalogue.functions[resource.logical]
        folder = root / catalogue.folder_of(resource.logical)
        lock = folder / "requirements.txt"
        python = environments.environment(target, resource.image, lock, progress)
        installed.append(python)
        shared = [library.sources for library in libs.named_in(folder / "requirements.in")]
        task_root = folder / "src"
        functions.append(
            FunctionSettings(
                name=resource.logical,
                resource=resource.name,
                command=[str(python.path), "-m", "awslambdaric", function.handler],
                task_root=str(task_root),
                environment=worker_environment(
                    resource,
                    endpoint=endpoint,
                    python=python.path,
                    task_root=task_root,
                    path=shared,
                ),
                timeout_s=function.timeout_s,
                sources=[str(path) for path in (task_root, *shared)],
                batches=_batches(catalogue, resource.logical, pool_size),
            )
        )
    return Settings(
        project=resources.project,
        api_id=resources.api_id,
        port=port,
        pool_size=pool_size,
        ministack=str(ministack.path),
        emulator=str(emulator.path),
        versions=[i.digest for i in installed],
        functions=functions,
    )


def _batches(catalogue: Catalogue, function: str, pool_size: int) -> list[BatchSettings]:
    return [
        BatchSettings(
            arn("sqs", physical_name(catalogue, ENVIRONMENT, queue.name)),
            queue.batch_size,
            queue.batch_window_s,
            concurrency(queue, pool_size),
        )
        for queue in consumed_queues(catalogue, function)
        if queue.batch_size > MAX_BATCH_SIZE
    ]


def _keep_queues(state: Path, port: int) -> None:
    """Queues are saved under URLs with the endpoint's port; without this a new port loses them."""
    with contextlib.suppress(FileNotFoundError):
        text = state.read_text()
        state.write_text(re.sub(r"http://localhost:\d+/", f"http://localhost:{port}/", text))


def _launch(folders: Folders) -> State:
    """Start the supervisor in a session of its own and wait until it is ready.

    Raises FleetError with the end of the logs if it is not. Whatever interrupts the wait also
    ends the supervisor.
    """
    shutil.rmtree(folders.logs, ignore_errors=True)
    folders.logs.mkdir(parents=True)
    path = os.pathsep.join(str(ROOT / part) for part in ("scripts", "images"))
    with folders.log("supervisor").open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "fleet.cloud.supervisor", str(folders.base)],
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + READY_S
    try:
        while process.poll() is None and time.monotonic() < deadline:
            state = read_state(folders)
            if state and state.pids.get("guard") == process.pid:
                return state
            time.sleep(0.02)
    except BaseException:
        _end(process)
        raise
    _end(process)
    raise FleetError(f"the local cloud did not start:\n{_tails(folders)}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _tails(folders: Folders, lines: int = 15) -> str:
    found = []
    for path in sorted(folders.logs.glob("*.log")):
        with path.open(errors="replace") as file:
            tail = "".join(deque(file, maxlen=lines)).strip()
        if tail:
            found.append(f"--- {path.name}\n{tail}")
    return "\n".join(found) or "nothing was logged"


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
