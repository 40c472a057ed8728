"""Unusual weeks and movers read from insights."""

from datalake.memory import MemoryStorage
from demand_insights_engine import changes_stored


def test_a_source_without_insights_has_neither():
    where = {"source": "shop", "currency": None, "limit": 5}
    storage = MemoryStorage()

    assert changes_stored.anomalies(storage, "insights", level=None, name=None, **where) is None
    assert changes_stored.movers(storage, "insights", level="product", **where) is None
