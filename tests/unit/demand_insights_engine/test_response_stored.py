"""Other prices from insights."""

from datalake.memory import MemoryStorage
from demand_insights_engine import response_stored


def test_a_source_without_insights_has_no_answer():
    found = response_stored.what_if(
        MemoryStorage(), "insights", source="shop", level="product", name="A-1", currency=None,
        price_ratio=0.9,
    )  # fmt: skip

    assert found is None
