"""What every test may use, how tests are shared among processes, and which cannot run here."""

import os
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest

import functions
from datalake.memory import MemoryStorage
from fleet import selection
from fleet.catalogue import load
from fleet.errors import FleetError
from fleet.images import engine
from fleet.paths import CATALOGUE, ROOT
from queue_messages import FakeQueues

DOCKER = engine.available()

functions.make_importable()

# A test gives the same result each time; `make fuzz` looks for inputs that no test has tried.
hypothesis.settings.register_profile("tests", derandomize=True, deadline=None)
hypothesis.settings.load_profile("tests")

# Powertools reads these when a handler's module is imported.
os.environ |= {
    "POWERTOOLS_SERVICE_NAME": "test-service",
    "POWERTOOLS_METRICS_NAMESPACE": "test-namespace",
    "POWERTOOLS_TRACE_DISABLED": "true",
}


@dataclass
class LambdaContext:
    """The attributes of Lambda's context object that handlers read."""

    function_name: str = "test"
    function_version: str = "7"
    memory_limit_in_mb: int = 128
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:000000000000:function:test"
    aws_request_id: str = "00000000-0000-0000-0000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


@pytest.fixture
def lambda_context() -> LambdaContext:
    return LambdaContext()


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage()


@pytest.fixture
def queues(monkeypatch: pytest.MonkeyPatch) -> FakeQueues:
    """What a batch sends to its dead-letter queue."""
    queues = FakeQueues()
    monkeypatch.setattr("lambda_app.dead_letters.sqs", lambda: queues)
    return queues


def pytest_addoption(parser: pytest.Parser) -> None:
    for name in ("function", "group"):
        parser.addoption(
            f"--{name}",
            default="",
            help=f"only what concerns this {name}, as {name.upper()} of make: the tests of its "
            "modules, and of the others those with a function or a file of it as a parameter",
        )


def pytest_configure(config: pytest.Config) -> None:
    try:
        _selected(config)
    except FleetError as error:
        raise pytest.UsageError(str(error)) from error


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if selected := _selected(config):
        concerned = [item for item in items if _concerns(item, selected)]
        config.hook.pytest_deselected(items=list(set(items) - set(concerned)))
        items[:] = concerned
    for item in items:
        if item.get_closest_marker("docker") and not DOCKER:
            item.add_marker(pytest.mark.skip(reason="no Docker engine answers"))


def _selected(config: pytest.Config) -> list[str]:
    """The functions that --function or --group names; none without. Raises FleetError."""
    function, group = config.getoption("--function"), config.getoption("--group")
    return selection.functions(load(CATALOGUE), function, group) if function or group else []


def _concerns(item: pytest.Item, functions: list[str]) -> bool:
    """Whether a test is of the functions' modules, or has one of them or a file of theirs."""
    catalogue = load(CATALOGUE)
    modules = {ROOT / "tests/unit" / name.replace("-", "_") for name in functions}
    if modules & set(item.path.parents):
        return True
    folders = {ROOT / catalogue.folder_of(name) for name in functions}
    callspec = getattr(item, "callspec", None)
    parameters = callspec.params.values() if callspec else ()
    return any(
        folders & set(value.parents) if isinstance(value, Path) else value in functions
        for parameter in parameters
        for value in (parameter if isinstance(parameter, tuple) else (parameter,))
        if isinstance(value, Path | str)
    )
