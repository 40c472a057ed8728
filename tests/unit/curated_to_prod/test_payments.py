"""Features of payments agree with an independent computation, and know nothing of the future."""

from __future__ import annotations

import polars as pl
import pytest

from data_plane import data_sets, made_up
from data_plane.sql import Second, published
from datalake.contracts import prod
from datalake.contracts.prod import ProdTable
from datalake.memory import MemoryStorage


@pytest.mark.parametrize("table", [prod.TRANSACTION_FEATURES], ids=lambda table: table.name)
def test_payments_agrees_with_sql(payments: Second, table: ProdTable) -> None:
    assert payments.count(table) > 10
    assert payments.differences(table) == []


def test_card_transactions_agree_with_sql(cards: Second) -> None:
    table = prod.TRANSACTION_FEATURES
    paid = data_sets.card_transactions()["transactions"].drop("line_number")
    assert cards.count(table) == paid.unique().height
    # Every hundredth customer; at terminals that all customers use.
    assert cards.differences(table, every=100, only="hash(customer_id) % 100 = 0") == []


def test_every_published_card_transaction_has_features(cards: Second) -> None:
    data_sets.require_real(data_sets.card_rows())
    assert cards.count(prod.TRANSACTION_FEATURES) == 584_546


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
