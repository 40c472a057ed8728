from __future__ import annotations

import pytest

from datalake.contracts.insights import DEMAND_FORECASTS, DEMAND_SERIES, DEMAND_TABLES
from datalake.contracts.insights.demand import DEMAND_LEVELS, quantile_name


@pytest.mark.parametrize(("level", "name"), [(0.05, "q05"), (0.5, "q50"), (0.95, "q95")])
def test_a_quantile_is_named_by_its_percent(level: float, name: str) -> None:
    assert quantile_name(level) == name


def test_forecasts_have_every_quantile() -> None:
    assert {quantile_name(level) for level in DEMAND_LEVELS} <= set(DEMAND_FORECASTS.schema)


def test_series_are_written_last() -> None:
    assert DEMAND_TABLES[-1] is DEMAND_SERIES
