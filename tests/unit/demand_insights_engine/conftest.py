"""What tests of demand-insights-engine share."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

from training_modules import loader


@pytest.fixture(scope="session")
def training_module() -> Callable[[str], ModuleType]:
    """A module of the folder `training` by name."""
    return loader("demand-insights-engine")
