"""No metric of one test is left for the next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lambda_app.observability import metrics


@pytest.fixture(autouse=True)
def _no_metrics_left() -> Iterator[None]:
    yield
    metrics.provider.clear_metrics()
