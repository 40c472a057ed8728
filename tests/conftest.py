"""What every test may use, and the summary of what could not run here."""

from dataclasses import dataclass

import pytest

from fleet.images import engine

DOCKER = engine.available()


@dataclass
class LambdaContext:
    """The attributes of Lambda's context object that handlers read."""

    function_name: str = "test"
    memory_limit_in_mb: int = 128
    invoked_function_arn: str = "arn:aws:lambda:eu-central-1:000000000000:function:test"
    aws_request_id: str = "00000000-0000-0000-0000-000000000000"

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


@pytest.fixture
def lambda_context() -> LambdaContext:
    return LambdaContext()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("docker") and not DOCKER:
            item.add_marker(pytest.mark.skip(reason="no Docker engine answers"))
