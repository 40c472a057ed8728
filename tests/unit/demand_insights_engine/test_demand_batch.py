"""Weekly demand in prod → insights, once for the same data."""

from copy import deepcopy
from datetime import date
from functools import partial

import polars as pl
import pytest

from data_plane.faulty_storage import Faulty, Stopped
from datalake.contracts.insights import DEMAND_FORECASTS, PRODUCT_STARTS
from datalake.contracts.prod import DEMAND_WEEKLY, PRODUCT_MONTHS
from datalake.layout import Partition
from datalake.memory import MemoryStorage
from demand_insights import VERSIONS
from demand_insights_engine import demand_batch
from demand_insights_engine.adapter import BatchSettings
from demand_insights_engine.demand.history import History
from demand_insights_engine.insights import read
from demand_weeks import demand_weeks, demand_weeks_of
from prod_files import publish_months, with_all_columns

SETTINGS = BatchSettings(prod_bucket="prod", insights_bucket="insights")


@pytest.fixture(autouse=True)
def _without_boosting(monkeypatch):
    """It takes seconds, and does not change what is written where."""
    insights = partial(demand_batch.insights_of, has_boosting=False)
    monkeypatch.setattr(demand_batch, "insights_of", insights)


def deliver(storage, weeks):
    rows = with_all_columns(DEMAND_WEEKLY, demand_weeks(weeks=weeks))
    publish_months(storage, DEMAND_WEEKLY, rows, "week", "shop")


def written(storage):
    return {
        table: storage.head("insights", Partition(table, "shop").data_key)
        for table in demand_batch.TABLES
    }


def test_every_table_names_the_versions_and_is_written_once():
    storage = MemoryStorage()
    deliver(storage, 30)

    demand_batch.update(storage, SETTINGS, "shop")
    first = written(storage)
    demand_batch.update(storage, SETTINGS, "shop")

    assert written(storage) == first
    assert len({one.metadata["data-version"] for one in first.values()}) == 1


def test_new_weeks_change_the_forecast():
    storage = MemoryStorage()
    deliver(storage, 30)
    demand_batch.update(storage, SETTINGS, "shop")
    before = read(storage, "insights", DEMAND_FORECASTS, "shop")

    deliver(storage, 31)
    demand_batch.update(storage, SETTINGS, "shop")
    after = read(storage, "insights", DEMAND_FORECASTS, "shop")

    assert before["week"].min() < after["week"].min()
    assert before["data_version"][0] != after["data_version"][0]


def test_new_products_have_the_names_of_their_months():
    storage = MemoryStorage()
    new = demand_weeks_of("NW-1", [7] * 30)[10:]
    weeks = with_all_columns(DEMAND_WEEKLY, pl.concat([demand_weeks(weeks=30), new]))
    publish_months(storage, DEMAND_WEEKLY, weeks, "week", "shop")
    demand_batch.update(storage, SETTINGS, "shop")
    months = pl.DataFrame(
        {
            "product_id": "NW-1", "currency": "EUR", "description": "TEA CUP",
            "first_day": date(2024, 4, 1), "last_day": date(2024, 4, 9),
        }
    )  # fmt: skip

    publish_months(
        storage, PRODUCT_MONTHS, with_all_columns(PRODUCT_MONTHS, months), "last_day", "shop"
    )
    demand_batch.update(storage, SETTINGS, "shop")

    starts = read(storage, "insights", PRODUCT_STARTS, "shop")
    assert starts.select("name", "description").rows() == [("NW-1", "TEA CUP")]


def test_without_rows_there_are_empty_tables():
    storage = MemoryStorage()

    demand_batch.update(storage, SETTINGS, "shop")

    assert all(read(storage, "insights", one, "shop").is_empty() for one in demand_batch.TABLES)


def test_a_stop_at_any_call_loses_nothing():
    delivered = MemoryStorage()
    deliver(delivered, 30)
    whole = deepcopy(delivered)
    demand_batch.update(whole, SETTINGS, "shop")
    calls = Faulty(deepcopy(delivered))
    demand_batch.update(calls, SETTINGS, "shop")

    for stop_at in range(1, len(calls.calls) + 1):
        storage = deepcopy(delivered)
        with pytest.raises(Stopped):
            demand_batch.update(Faulty(storage, stop_at), SETTINGS, "shop")
        demand_batch.update(storage, SETTINGS, "shop")
        assert written(storage) == written(whole)


@pytest.mark.parametrize(
    "rows",
    [
        demand_weeks(weeks=1),
        demand_weeks(weeks=2),
        demand_weeks_of("A-1", [0] * 30),
        demand_weeks_of("A-1", [0] * 29 + [1]),
        demand_weeks_of("A-1", list(range(30)), price=None),
        demand_weeks_of("A-1", list(range(30)), price=0.0),
        demand_weeks_of("A-1", [10**9] * 30),
        demand_weeks_of("A-1", [5] * 30, orders=[0] * 30),
    ],
    ids=[
        "one week",
        "two weeks",
        "never sold",
        "sold once",
        "no price",
        "free",
        "huge",
        "no order",
    ],
)
def test_odd_demand_has_insights(rows):
    found = demand_batch.insights_of(History.of(rows), {}, has_boosting=False)

    assert set(found) == set(demand_batch.TABLES)
    for table, one in found.items():
        table.check(one.with_columns(**{name: pl.lit(value) for name, value in VERSIONS.items()}))
