"""The functions through their handlers, on storage and queues in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from compliance_guardian import adapter, fraud_adapter
from datalake.memory import MemoryStorage
from functions import load_in_environment
from queue_messages import FakeQueues
from training_modules import loader

Handler = Callable[[dict[str, Any]], Any]


@pytest.fixture
def handler_of(
    monkeypatch: pytest.MonkeyPatch,
    lambda_context: object,
    storage: MemoryStorage,
    queues: FakeQueues,
) -> Iterator[Callable[[str], Handler]]:
    """The handler of a function by name."""
    settings = (
        adapter.batch_settings,
        adapter.inbox_settings,
        fraud_adapter.settings,
        fraud_adapter.batch_settings,
        adapter.inventory_settings,
        adapter.posture_settings,
    )
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
    return loader("compliance-guardian")


@pytest.fixture(scope="session")
def data(training_module: Callable[[str], ModuleType]) -> ModuleType:
    """The texts of the evaluation."""
    return training_module("data")
