"""Puts the function's package on the path, under the one name that no other function has."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from datalake.memory import MemoryStorage

FUNCTION = Path(__file__).parents[3] / "lambda-functions" / "curated-to-prod"
sys.path.append(str(FUNCTION / "src"))
# Beside the tests: curated objects, real data.
sys.path.append(str(Path(__file__).parent))

from curated_to_prod.service import Service  # noqa: E402 - needs the path above
from curated_to_prod.settings import Settings  # noqa: E402


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


@pytest.fixture
def settings() -> Settings:
    return Settings("curated", "prod", "https://sqs.local/dlq")


@pytest.fixture
def service(storage: MemoryStorage, settings: Settings) -> Service:
    return Service(storage, settings)


@pytest.fixture
def handler_module(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """lambda_function.py under a name of its own: several functions have a module of that name."""
    for name, value in {
        "CURATED_BUCKET": "curated",
        "PROD_BUCKET": "prod",
        "CURATED_OBJECTS_DLQ_QUEUE_URL": "https://sqs.local/dlq",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "POWERTOOLS_TRACE_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    name = "curated_to_prod_lambda_function"
    spec = importlib.util.spec_from_file_location(name, FUNCTION / "src" / "lambda_function.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[name]
