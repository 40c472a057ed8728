"""The functions through their handlers, on storage and queues in memory."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from compliance_guardian import adapter, fraud_adapter
from datalake.memory import MemoryStorage
from fleet import training
from fleet.catalogue import load
from fleet.paths import CATALOGUE
from functions import load_in_environment
from lambda_app import dead_letters
from queue_messages import FakeQueues

TRAINING = training.folder_of(load(CATALOGUE), "compliance-guardian")
Handler = Callable[[dict[str, Any]], Any]


@pytest.fixture
def queues(monkeypatch: pytest.MonkeyPatch) -> FakeQueues:
    queues = FakeQueues()
    monkeypatch.setattr(dead_letters, "sqs", lambda: queues)
    return queues


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
def training_module() -> Iterator[Callable[[str], ModuleType]]:
    """A module by name. Those of other functions have the same names, so that none stays behind."""
    loaded: dict[str, ModuleType] = {}

    def of(name: str) -> ModuleType:
        if name in loaded:
            return loaded[name]
        sys.path.insert(0, str(TRAINING))
        sys.modules.update(loaded)
        try:
            return importlib.import_module(name)
        finally:
            sys.path.remove(str(TRAINING))
            for found, module in list(sys.modules.items()):
                if Path(getattr(module, "__file__", None) or "/").parent == TRAINING:
                    loaded[found] = sys.modules.pop(found)

    return of


@pytest.fixture(scope="session")
def data(training_module: Callable[[str], ModuleType]) -> ModuleType:
    """The texts of the evaluation."""
    return training_module("data")
