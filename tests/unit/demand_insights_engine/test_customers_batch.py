"""Days of customers in prod → insights."""

from datalake.memory import MemoryStorage
from demand_insights_engine import customers_batch
from demand_insights_engine.adapter import BatchSettings

SETTINGS = BatchSettings(prod_bucket="prod", insights_bucket="insights")


def test_a_source_without_customers_has_no_tables():
    storage = MemoryStorage()

    customers_batch.update(storage, SETTINGS, "shop")

    assert list(storage.keys("insights", "")) == []
