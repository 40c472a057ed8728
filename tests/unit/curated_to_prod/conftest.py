"""Puts the function's package on the path, under the one name that no other function has,
and the helpers beside this file: curated objects, real data."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

import functions
from datalake.memory import MemoryStorage

FUNCTION = Path(__file__).parents[3] / "lambda-functions" / "curated-to-prod"
sys.path.append(str(FUNCTION / "src"))
sys.path.append(str(Path(__file__).parent))

from curated_to_prod.service import Service  # noqa: E402 - needs the path above
from curated_to_prod.settings import Settings  # noqa: E402


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


@pytest.fixture
def settings() -> Settings:
    return Settings.from_environment(functions.environment("curated-to-prod"))


@pytest.fixture
def service(storage: MemoryStorage, settings: Settings) -> Service:
    return Service(storage, settings)


@pytest.fixture
def handler_module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return functions.load_in_environment("curated-to-prod", monkeypatch)
