"""Days of customers in prod → insights, once for the same data."""

from copy import deepcopy
from datetime import UTC, datetime, time, timedelta

import polars as pl
import pytest

from customer_days import FIRST, days_of
from data_plane.faulty_storage import Faulty, Stopped
from datalake.contracts.insights import (
    CUSTOMER_CARDS,
    CUSTOMER_RECOMMENDATIONS,
    CUSTOMER_TABLES,
)
from datalake.contracts.prod import CUSTOMER_DAYS, MERGED_ORDERS
from datalake.layout import Partition
from datalake.memory import MemoryStorage
from demand_insights_engine import customers_batch
from demand_insights_engine.adapter import BatchSettings
from demand_insights_engine.customers import insights_rows
from demand_insights_engine.insights import read
from prod_files import publish_months, with_all_columns

SETTINGS = BatchSettings(prod_bucket="prod", insights_bucket="insights")
FEW = days_of(("a", 1, 10), ("a", 30, 10), ("b", 40, 10))
FORECASTS = ("p_active", "purchases", "mean_amount", "spend", "p_leaves")


@pytest.fixture(autouse=True)
def _few_replicates(monkeypatch):
    """They take seconds, and do not change what is written where."""
    monkeypatch.setattr(insights_rows, "_REPLICATES", 2)


def deliver(storage, days, currency="EUR"):
    if "currency" not in days.columns:
        days = days.with_columns(currency=pl.lit(currency))
    rows = with_all_columns(CUSTOMER_DAYS, days)
    publish_months(storage, CUSTOMER_DAYS, rows, "day", "shop")


def deliver_orders(storage, *orders):
    """`(customer_id, product_id, number of the day, line_type)` of each line."""
    rows = pl.DataFrame(
        [
            (customer, product, datetime.combine(FIRST + timedelta(days=day), time(9), UTC), kind)
            for customer, product, day, kind in orders
        ],
        schema=dict.fromkeys(("customer_id", "product_id"), pl.String)
        | {"ordered_at": MERGED_ORDERS.schema["ordered_at"], "line_type": pl.String},
        orient="row",
    ).with_row_index("line")
    filled = {
        column.name: pl.lit("x" if column.dtype == pl.String() else False)
        for column in MERGED_ORDERS.columns
        if not column.nullable and not column.dtype.is_numeric() and column.name not in rows.columns
    }
    filled["order_id"] = pl.col("line").cast(pl.String)
    filled |= {"currency": pl.lit("EUR"), "quantity": pl.lit(1), "unit_price": pl.lit(1)}
    rows = with_all_columns(MERGED_ORDERS, rows.with_columns(**filled))
    publish_months(storage, MERGED_ORDERS, rows, "ordered_at", "shop")


def written(storage):
    return {
        table: storage.head("insights", Partition(table, "shop").data_key)
        for table in CUSTOMER_TABLES
    }


def found(storage, table=CUSTOMER_CARDS):
    return read(storage, "insights", table, "shop")


def updated(days, currency="EUR"):
    storage = MemoryStorage()
    deliver(storage, days, currency)
    customers_batch.update(storage, SETTINGS, "shop")
    return storage


def test_every_table_names_the_versions_and_is_written_once():
    storage = updated(FEW)

    first = written(storage)
    customers_batch.update(storage, SETTINGS, "shop")

    assert written(storage) == first
    assert len({one.metadata["data-version"] for one in first.values()}) == 1
    assert found(storage)["as_of"].unique().to_list() == [FIRST + timedelta(days=41)]


def test_new_days_change_the_cards():
    storage = updated(FEW)
    before = found(storage)

    deliver(storage, pl.concat([FEW, days_of(("new", 400, 10))]))
    customers_batch.update(storage, SETTINGS, "shop")
    after = found(storage)

    assert (before.height, after.height) == (2, 3)
    assert before["as_of"][0] < after["as_of"][0]
    assert before["data_version"][0] != after["data_version"][0]


def test_where_all_customers_are_gone_so_are_their_cards():
    storage = updated(days_of(("a", 1, 10)))

    key = Partition(CUSTOMER_DAYS, "shop", f"{FIRST:%Y-%m}").data_key
    storage.delete("prod", key, if_match=storage.head("prod", key).etag)
    customers_batch.update(storage, SETTINGS, "shop")

    assert all(found(storage, table).is_empty() for table in CUSTOMER_TABLES)


def test_products_of_goods_and_known_customers_are_recommended():
    storage = MemoryStorage()
    deliver(storage, days_of(*((f"c{n}", 1, 10) for n in range(60))))
    pairs = [("tea", "pot") if n % 2 else ("lamp", "bulb") for n in range(60)]
    lines = [(f"c{n}", one, 1, "product") for n, pair in enumerate(pairs) for one in pair]
    lines = [line for line in lines if line[:2] != ("c1", "pot")]
    unknown = [(None, "tea", 1, "product")] * 5
    postage = [(f"c{n}", "POST", 1, "postage") for n in range(1, 60, 2)]

    deliver_orders(storage, *lines, *unknown, *postage)
    customers_batch.update(storage, SETTINGS, "shop")

    rows = found(storage, CUSTOMER_RECOMMENDATIONS)
    assert rows.select("customer_id", "product_id", "because_of").rows() == [("c1", "pot", "tea")]


def test_a_stop_at_any_call_loses_nothing():
    delivered = MemoryStorage()
    deliver(delivered, FEW)
    whole = deepcopy(delivered)
    customers_batch.update(whole, SETTINGS, "shop")
    calls = Faulty(deepcopy(delivered))
    customers_batch.update(calls, SETTINGS, "shop")

    for stop_at in range(1, len(calls.calls) + 1):
        storage = deepcopy(delivered)
        with pytest.raises(Stopped):
            customers_batch.update(Faulty(storage, stop_at), SETTINGS, "shop")
        customers_batch.update(storage, SETTINGS, "shop")
        assert written(storage) == written(whole)


def test_currencies_are_assessed_apart():
    storage = updated(pl.concat(FEW.with_columns(currency=pl.lit(one)) for one in ("EUR", "GBP")))

    assert found(storage).select("customer_id", "currency").rows() == [
        ("a", "EUR"), ("a", "GBP"), ("b", "EUR"), ("b", "GBP"),
    ]  # fmt: skip


ALIKE = [(f"c{n}", day, 10) for n in range(120) for day in (1, 100, 300)]
ODD = {
    "one customer": [("a", day, 10) for day in (1, 50, 90)],
    "one day": [(f"c{n}", 5, 10) for n in range(120)],
    "all amounts equal": ALIKE,
    "returns only": [(f"c{n}", 1 + n, None, 10) for n in range(120)],
    "all given back later": [
        (f"c{n}", *row) for n in range(120) for row in ((1, 9), (200, 5), (201, None, 14))
    ],
    "huge amounts": [(f"c{n}", day, 1e12 + n) for n in range(120) for day in (1, 100 + n, 290)],
    "tiny amounts": [(f"c{n}", day, 1e-4) for n in range(120) for day in (1, 100 + n, 290)],
    "one buys every day": [("a", day, 5) for day in range(300)] + [("b", 299, 5)],
    "decades apart": [(f"c{n}", day + n, 5) for n in range(120) for day in (0, 12_000)],
    "odd names": [(name, 1, 5) for name in (" ", "a/b?#%2F", "Ünsal, Ayşe", "客", "'\"\\", "a\n")],
}  # fmt: skip


@pytest.mark.parametrize("rows", ODD.values(), ids=ODD)
def test_odd_customers_have_cards_that_say_what_is_not_known(rows):
    storage = updated(days_of(*rows))

    cards = found(storage)
    bought = {customer for customer, _, amount, *_ in rows if amount is not None}
    assert set(cards["customer_id"]) == bought
    unknown = cards.filter(pl.any_horizontal(pl.col(FORECASTS).is_null()))
    assert (unknown["warnings"].list.len() > 0).all()
