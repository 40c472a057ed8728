"""What every test may use, how tests are shared among processes, and which cannot run here."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from fleet.catalogue import load
from fleet.images import engine
from fleet.paths import CATALOGUE, ROOT

DOCKER = engine.available()

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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--function",
        metavar="NAME",
        help="only what concerns this function: the tests of its modules, and those of all "
        "functions with it as their parameter",
    )


def pytest_configure(config: pytest.Config) -> None:
    function, known = config.getoption("--function"), load(CATALOGUE).functions
    if function and function not in known:
        raise pytest.UsageError(f"{function} is not in functions.yaml: {', '.join(known)}")


# Before pytest-xdist reads the groups.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if function := config.getoption("--function"):
        chosen = [item for item in items if _concerns(item, function)]
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen
    for item in items:
        # One process runs a file's tests, as they share fixtures, unless the test names a group.
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.location[0]))
        if item.get_closest_marker("docker") and not DOCKER:
            item.add_marker(pytest.mark.skip(reason="no Docker engine answers"))


def _concerns(item: pytest.Item, function: str) -> bool:
    """Whether a test is of the function's modules, or has the function or a file of it."""
    catalogue = load(CATALOGUE)
    # The functions of an image have one folder, named as its owner.
    owner = catalogue.owner_of(function)
    if ROOT / "tests/unit" / owner.replace("-", "_") in item.path.parents:
        return True
    folder = ROOT / catalogue.folder_of(function)
    callspec = getattr(item, "callspec", None)
    parameters = callspec.params.values() if callspec else ()
    return any(
        folder in value.parents if isinstance(value, Path) else value in (function, owner)
        for parameter in parameters
        for value in (parameter if isinstance(parameter, tuple) else (parameter,))
        if isinstance(value, Path | str)
    )
