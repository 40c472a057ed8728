"""What tests of demand-insights-engine share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from datalake.memory import MemoryStorage
from demand_insights_engine import adapter
from demand_insights_engine.adapter import ApiSettings
from functions import load_in_environment
from queue_messages import FakeQueues
from training_modules import loader

Handler = Callable[[dict[str, Any]], Any]


@pytest.fixture
def api_storage(monkeypatch: pytest.MonkeyPatch, storage: MemoryStorage) -> MemoryStorage:
    """What the routes read, without a handler."""
    monkeypatch.setattr(adapter, "storage", lambda: storage)
    monkeypatch.setattr(adapter, "api_settings", lambda: ApiSettings(insights_bucket="insights"))
    return storage


@pytest.fixture
def handler_of(
    monkeypatch: pytest.MonkeyPatch,
    lambda_context: object,
    storage: MemoryStorage,
    queues: FakeQueues,
) -> Iterator[Callable[[str], Handler]]:
    """The handler of a function by name, on storage and queues in memory."""
    settings = (adapter.api_settings, adapter.batch_settings)
    for cached in settings:
        cached.cache_clear()
    monkeypatch.setattr(adapter, "storage", lambda: storage)

    def load(name: str) -> Handler:
        module = load_in_environment(name, monkeypatch)
        return lambda event: module.lambda_handler(event, lambda_context)

    yield load
    for cached in settings:
        cached.cache_clear()


@pytest.fixture(scope="session")
def training_module() -> Callable[[str], ModuleType]:
    """A module of the folder `training` by name."""
    return loader("demand-insights-engine")
