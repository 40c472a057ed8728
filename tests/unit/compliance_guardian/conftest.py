"""The functions through their handlers, on storage and queues in memory."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
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
def data() -> ModuleType:
    """training/data.py, under a name that no other function's module has."""
    name = "compliance_guardian_training_data"
    file = training.folder_of(load(CATALOGUE), "compliance-guardian") / "data.py"
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
