"""Puts the function's package on the path, under the one name that no other function has,
and the helpers beside this file."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

import functions
from datalake.memory import MemoryStorage

FUNCTION = Path(__file__).parents[3] / "lambda-functions" / "raw-to-curated"
sys.path.append(str(FUNCTION / "src"))
sys.path.append(str(Path(__file__).parent))

from raw_to_curated.service import Service  # noqa: E402 - needs the path above
from raw_to_curated.settings import Settings  # noqa: E402


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


@pytest.fixture
def settings() -> Settings:
    return Settings.from_environment(functions.environment("raw-to-curated"))


@pytest.fixture
def service(storage: MemoryStorage, settings: Settings) -> Service:
    return Service(storage, settings)


@pytest.fixture
def handler_module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return functions.load_in_environment("raw-to-curated", monkeypatch)
