"""Settings of the supervisor: a JSON file that `start` writes and the supervisor reads."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class BatchSettings:
    """Up to `size` messages of a queue (its ARN), gathered for at most `window_s` seconds, in up
    to `concurrency` events at a time."""

    queue: str
    size: int
    window_s: int
    concurrency: int


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
    # Of queues with batches that are larger than the endpoint's.
    batches: list[BatchSettings]


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
        functions = [_function(**function) for function in value.pop("functions")]
        return cls(functions=functions, **value)


def _function(*, batches: list[dict[str, Any]], **settings: Any) -> FunctionSettings:
    return FunctionSettings(batches=[BatchSettings(**one) for one in batches], **settings)
