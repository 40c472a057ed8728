"""The function on a storage in memory."""

from __future__ import annotations

from types import ModuleType

import pytest

import functions
from data_plane.split_objects import KEY, TEXT
from data_plane.split_objects import SETTINGS as SPLIT
from datalake.memory import MemoryStorage
from raw_to_curated import quality
from raw_to_curated.service import Service
from raw_to_curated.settings import Settings
from raw_to_curated.split import SplitService


@pytest.fixture
def settings() -> Settings:
    return Settings.from_environment(functions.environment("raw-to-curated"))


@pytest.fixture
def service(storage: MemoryStorage, settings: Settings) -> Service:
    return Service(storage, settings)


@pytest.fixture
def handler_module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return functions.load_in_environment("raw-to-curated", monkeypatch)


@pytest.fixture
def splitter(storage: MemoryStorage) -> SplitService:
    storage.write("raw", KEY, TEXT.encode())
    return SplitService(storage, SPLIT)


@pytest.fixture
def no_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "assess", lambda orders, returns, rules: (orders, returns))
