"""Daily demand in prod → insights, once for the same data."""

from datalake.contracts.insights import DEMAND_DAYS
from datalake.contracts.prod import DEMAND_DAILY
from datalake.layout import Partition
from datalake.memory import MemoryStorage
from demand_insights_engine import days_batch
from demand_insights_engine.adapter import BatchSettings
from demand_insights_engine.insights import read
from demand_weeks import demand_days
from prod_files import publish_months, with_all_columns

SETTINGS = BatchSettings(prod_bucket="prod", insights_bucket="insights")


def deliver(storage, days):
    rows = with_all_columns(DEMAND_DAILY, demand_days(days=days))
    publish_months(storage, DEMAND_DAILY, rows, "day", "shop")


def test_days_are_forecast_once_for_the_same_data():
    storage = MemoryStorage()
    deliver(storage, 40)
    days_batch.update(storage, SETTINGS, "shop")
    first = storage.head("insights", Partition(DEMAND_DAYS, "shop").data_key)
    days_batch.update(storage, SETTINGS, "shop")

    assert storage.head("insights", Partition(DEMAND_DAYS, "shop").data_key) == first


def test_new_days_change_the_forecast():
    storage = MemoryStorage()
    deliver(storage, 40)
    days_batch.update(storage, SETTINGS, "shop")
    before = read(storage, "insights", DEMAND_DAYS, "shop")
    deliver(storage, 41)
    days_batch.update(storage, SETTINGS, "shop")
    after = read(storage, "insights", DEMAND_DAYS, "shop")

    assert before["day"].min() < after["day"].min()
    assert before["data_version"][0] != after["data_version"][0]


def test_without_rows_there_is_an_empty_table():
    storage = MemoryStorage()

    days_batch.update(storage, SETTINGS, "shop")

    assert read(storage, "insights", DEMAND_DAYS, "shop").is_empty()
