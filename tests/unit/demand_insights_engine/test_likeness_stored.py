"""New products from insights."""

from datalake.memory import MemoryStorage
from demand_insights_engine import likeness_stored
from demand_insights_engine.likeness_schemas import NewProduct


def test_a_source_without_insights_has_no_answer():
    asked = NewProduct(description="tea cup")

    found = likeness_stored.new_product(
        MemoryStorage(), "insights", source="shop", currency=None, asked=asked
    )

    assert found is None
