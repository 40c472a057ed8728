"""Advice from insights."""

from datalake.memory import MemoryStorage
from demand_insights_engine import stock_stored
from demand_insights_engine.stock_schemas import OrderTerms


def test_a_source_without_insights_has_no_advice():
    found = stock_stored.of_product(
        MemoryStorage(), "insights", source="shop", name="A-1", currency=None, terms=OrderTerms()
    )

    assert found is None
