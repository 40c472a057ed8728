"""Every table equals an independent computation, on made-up and on real data."""

from __future__ import annotations

import json
from pathlib import Path

import made_up
import polars as pl
import pytest
import real_data
from curated_objects import curate
from sql import QUERIES, Second

from curated_to_prod import reports
from curated_to_prod.service import Service
from curated_to_prod.settings import Settings
from datalake.contracts import prod
from datalake.contracts.curated import CURATED_TABLES
from datalake.contracts.prod import PROD_TABLES, ProdTable
from datalake.memory import MemoryStorage

SETTINGS = Settings("curated", "prod", "https://sqs.local/dlq")
SHOP = (
    prod.MERGED_ORDERS,
    prod.MERGED_RETURNS,
    prod.PRODUCT_MONTHS,
    prod.DEMAND_DAILY,
    prod.DEMAND_WEEKLY,
    prod.CUSTOMER_DAYS,
    prod.CUSTOMER_FEATURES,
    prod.MATCHED_RETURNS,
    prod.COUNTRY_MONTHS,
)
PAYMENTS = (
    prod.MERGED_TRANSACTIONS,
    prod.TRANSACTION_FEATURES,
    prod.CUSTOMER_DAYS,
    prod.CUSTOMER_FEATURES,
)
MARKET = (prod.MERGED_MARKET_SERIES, prod.MARKET_PANEL)
COUNTRIES = (prod.COUNTRY_YEARS,)


def published(objects: list[made_up.Tables]) -> MemoryStorage:
    storage = MemoryStorage()
    for number, tables in enumerate(objects):
        key = curate(storage, "made-up", f"object-{number}", tables)
        Service(storage, SETTINGS).process(key)
    return storage


def ids(table: ProdTable) -> str:
    return table.name


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Second:
    return Second(published(made_up.shop()), tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def payments(tmp_path_factory: pytest.TempPathFactory) -> Second:
    return Second(published(made_up.payments()), tmp_path_factory.mktemp("payments"))


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Second:
    return Second(published(made_up.market()), tmp_path_factory.mktemp("market"))


@pytest.fixture(scope="module")
def countries(tmp_path_factory: pytest.TempPathFactory) -> Second:
    return Second(published(made_up.countries()), tmp_path_factory.mktemp("countries"))


@pytest.fixture(scope="module")
def online_retail(tmp_path_factory: pytest.TempPathFactory) -> Second:
    tables = real_data.online_retail()
    return Second(published([tables]), tmp_path_factory.mktemp("online-retail"))


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> Second:
    tables = real_data.card_transactions()
    return Second(published([tables]), tmp_path_factory.mktemp("cards"))


@pytest.mark.parametrize("table", SHOP, ids=ids)
def test_a_shop(shop: Second, table: ProdTable) -> None:
    assert shop.count(table) > 10
    assert shop.differences(table) == []


@pytest.mark.parametrize("table", PAYMENTS, ids=ids)
def test_payments(payments: Second, table: ProdTable) -> None:
    assert payments.count(table) > 10
    assert payments.differences(table) == []


@pytest.mark.parametrize("table", MARKET, ids=ids)
def test_market_series(market: Second, table: ProdTable) -> None:
    assert market.count(table) > 100
    assert market.differences(table) == []


@pytest.mark.parametrize("table", COUNTRIES, ids=ids)
def test_countries(countries: Second, table: ProdTable) -> None:
    assert countries.count(table) == 150
    assert countries.differences(table) == []


@pytest.mark.parametrize("table", SHOP, ids=ids)
def test_all_of_online_retail(online_retail: Second, table: ProdTable) -> None:
    assert online_retail.count(table) > 300
    assert online_retail.differences(table) == []


def test_card_transactions(cards: Second) -> None:
    table = prod.TRANSACTION_FEATURES
    assert cards.count(table) == 584_546
    # Every hundredth customer; at terminals that all customers use.
    assert cards.differences(table, every=100, only="hash(customer_id) % 100 = 0") == []


def test_every_product_has_a_second_computation() -> None:
    checked = {table.name for table in (*SHOP, *PAYMENTS, *MARKET, *COUNTRIES)}
    assert checked == QUERIES.keys()
    assert checked == {table.name for table in PROD_TABLES} - {"copilot_facts"}


def test_a_difference_is_found(shop: Second) -> None:
    only = "NOT (product_id = 'A' AND day = DATE '2011-01-05')"
    assert len(shop.differences(prod.DEMAND_DAILY, only=only)) == 1


def test_facts_agree_with_the_lines(shop: Second) -> None:
    files = f"{shop._folder}/prod/copilot_facts/source=made-up/part-0.jsonl"
    facts = [json.loads(line) for line in Path(files).read_text().splitlines()]
    figures = {(f["dimension"], f["member"], f["metric"], f["currency"]): f for f in facts}
    query = """SELECT count(DISTINCT order_id), sum(quantity), sum(quantity * unit_price)::DOUBLE,
               count(DISTINCT customer_id) FROM go WHERE currency = 'GBP' AND """
    for dimension, member, condition in (
        ("total", "all", "true"),
        ("month", "2011-01", "strftime(day, '%Y-%m') = '2011-01'"),
        ("product", "C", "product_id = 'C'"),
        ("country", "France", "country = 'France'"),
    ):
        (row,) = shop.duckdb.execute(query + condition).fetchall()
        for metric, value in zip(("orders", "units", "revenue", "customers"), row, strict=True):
            # Customers do not add up over months, so there are none of a product or country.
            if metric != "customers" or dimension in ("total", "month"):
                found = figures[dimension, member, metric, "GBP"]["value"]
                assert found == pytest.approx(float(value)), (dimension, metric)
    ranked = [f for f in facts if f["dimension"] == "product" and f["metric"] == "revenue"]
    by_rank = sorted((f for f in ranked if f["currency"] == "GBP"), key=lambda f: f["rank"])
    assert [f["rank"] for f in by_rank] == list(range(1, len(by_rank) + 1))
    assert [f["value"] for f in by_rank] == sorted((f["value"] for f in by_rank), reverse=True)


def test_features_do_not_know_the_future() -> None:
    """Whatever happens after an instant changes no feature of before it."""
    tables = made_up.payments()[0]["transactions"]
    cut = pl.datetime(2018, 3, 15, time_zone="UTC")
    whole = published([{"transactions": tables}])
    early = published([{"transactions": tables.filter(pl.col("transacted_at") < cut)}])

    def features(storage: MemoryStorage) -> pl.DataFrame:
        prefix = "transaction_features/"
        keys = [key for key in storage.keys("prod", prefix) if key.endswith(".parquet")]
        return pl.concat(pl.read_parquet(storage.get("prod", key).body) for key in keys)

    before = features(whole).filter(pl.col("transacted_at") < cut)
    assert before.height > 100
    assert before.equals(features(early), null_equal=True)


def test_the_label_enters_features_after_seven_days_only() -> None:
    tables = made_up.payments()[0]["transactions"]
    day = pl.date(2018, 3, 10)
    is_late = pl.col("transacted_at").dt.date() >= day
    flipped = tables.with_columns(
        pl.when(is_late).then(~pl.col("is_fraud")).otherwise(pl.col("is_fraud")).alias("is_fraud")
    )
    first, second = (published([{"transactions": rows}]) for rows in (tables, flipped))
    key = "transaction_features/source=made-up/month=2018-03/part-0.parquet"
    one, other = (
        pl.read_parquet(storage.get("prod", key).body)
        .filter(pl.col("transacted_at").dt.date() < pl.date(2018, 3, 17))
        .select(*prod.TRANSACTION_FEATURES.key, *prod.FRAUD_FEATURES[1:])
        for storage in (first, second)
    )
    assert one.height > 50
    assert one.equals(other, null_equal=True)


def test_no_label_and_no_scenario_is_a_feature() -> None:
    names = prod.TRANSACTION_FEATURES.schema.names()
    assert prod.FRAUD_LABEL not in prod.FRAUD_FEATURES
    assert not any("scenario" in name for name in names)
    assert set(prod.FRAUD_FEATURES) < set(names)


def test_the_readme_says_what_becomes_of_each_curated_table() -> None:
    readme = Path(__file__).parents[3] / "lambda-functions/curated-to-prod/README.md"
    section = readme.read_text().partition("| Curated table | Goes into |\n|---|---|\n")[2]
    cells = [line.strip("| ").split(" | ") for line in section.partition("\n\n")[0].splitlines()]
    said = {tables: set(products.split(", ")) for tables, products in cells}

    made = {}
    for objects in (made_up.shop(), made_up.payments(), made_up.market(), made_up.countries()):
        written = {key.partition("/")[0] for key in published(objects).keys("prod")}
        others = {name for name in written if name.startswith(("merged_", "_index"))}
        made[", ".join(objects[0])] = written - others
    assert {tables: said[tables] for tables in made} == made

    unused = {name for tables in said.keys() - made.keys() for name in tables.split(", ")}
    read = {name for tables in made for name in tables.split(", ")}
    assert read | unused == {table.name for table in CURATED_TABLES} - {"quarantine"}
    assert not unused & reports.TABLES.keys()
