"""Forecasts read from insights."""

import pytest

from datalake.memory import MemoryStorage
from demand_insights_engine import demand_stored


@pytest.mark.parametrize("read", [demand_stored.forecast, demand_stored.backtest])
def test_a_source_without_insights_has_no_forecast(read):
    assert read(MemoryStorage(), "insights", "shop", "total", "all", None) is None
