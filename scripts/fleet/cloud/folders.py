"""Where the local cloud keeps things, and the record of the one that runs."""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Folders:
    """The paths under the folder of generated files, `.fleet/`."""

    base: Path

    @property
    def environments(self) -> Path:
        return self.base / "envs"

    @property
    def secrets(self) -> Path:
        """A file by the name of each secret that has a value here; a purge leaves them."""
        return self.base / "secrets"

    @property
    def parameters(self) -> Path:
        """The same for parameters."""
        return self.base / "parameters"

    @property
    def cloud(self) -> Path:
        return self.base / "cloud"

    @property
    def state(self) -> Path:
        return self.cloud / "state.json"

    @property
    def lock(self) -> Path:
        return self.cloud / "lock"

    @property
    def supervisor(self) -> Path:
        return self.cloud / "supervisor.json"

    @property
    def data(self) -> Path:
        """Buckets and the endpoint's other state: what survives a stop."""
        return self.cloud / "data"

    @property
    def temporary(self) -> Path:
        return self.cloud / "tmp"

    @property
    def logs(self) -> Path:
        return self.cloud / "logs"

    def log(self, name: str) -> Path:
        """The log of a function, of `ministack`, or of the `supervisor`."""
        return self.logs / f"{name}.log"


@dataclass(frozen=True)
class State:
    """The running local cloud.

    `project` starts every resource's name. `pids` is for mode `process`, `compose`, the name of
    the compose project, for mode `docker`.
    """

    mode: str
    endpoint: str
    project: str
    api_id: str
    compose: str = ""
    pids: dict[str, int] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)


def read_state(folders: Folders) -> State | None:
    """The recorded state, whether or not it still holds; None without a readable record."""
    try:
        return State(**json.loads(folders.state.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def write_state(folders: Folders, state: State) -> None:
    write_json(folders.state, asdict(state))


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write a file that is at every moment either the old or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w") as file:
        json.dump(value, file, indent=2)
    Path(temporary).replace(path)


def try_lock(path: Path) -> int | None:
    """Take an exclusive lock that lasts until its holder ends; None if another has it.

    The caller, and whom it forks, hold the lock together: it is free once all of them are gone.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def locked(path: Path) -> bool:
    """Whether someone holds the lock."""
    if not path.exists():
        return False
    descriptor = try_lock(path)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False
