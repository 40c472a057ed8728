"""Settings of the supervisor: a JSON file that `start` writes and the supervisor reads."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class FunctionSettings:
    """How to run one function. `name` is its logical name, `resource` its physical one."""

    name: str
    resource: str
    command: list[str]
    task_root: str
    environment: dict[str, str]
    timeout_s: int
    # Folders whose changes make the next invocation start afresh.
    sources: list[str]


@dataclass(frozen=True)
class Settings:
    """How to run the whole; `versions` differ whenever an environment was rebuilt."""

    project: str
    api_id: str
    port: int
    pool_size: int
    ministack: str
    emulator: str
    versions: list[str]
    functions: list[FunctionSettings]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, path: Path) -> Settings:
        """Read what `as_json` gave; raises OSError or ValueError if that is not possible."""
        value = json.loads(path.read_text())
        functions = [FunctionSettings(**function) for function in value.pop("functions")]
        return cls(functions=functions, **value)
