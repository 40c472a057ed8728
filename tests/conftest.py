"""What every test may use, how tests are shared among processes, and which cannot run here."""

import os
from dataclasses import dataclass

import pytest

from fleet.images import engine

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


# Before pytest-xdist reads the groups.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        # One process runs a file's tests, as they share fixtures, unless the test names a group.
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.location[0]))
        if item.get_closest_marker("docker") and not DOCKER:
            item.add_marker(pytest.mark.skip(reason="no Docker engine answers"))
