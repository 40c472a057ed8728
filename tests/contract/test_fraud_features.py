"""The features of a replay of payments are those of the prod table, to the last bit."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from math import isnan

import polars as pl
import pytest

from compliance_guardian.fraud.features import FEATURES, LABEL_DAYS, WINDOWS, features
from compliance_guardian.fraud.history import CustomerHistory, TerminalHistory
from compliance_guardian.fraud.history_table import HistoryTable
from compliance_guardian.fraud.payments import MINOR, Payment
from compliance_guardian.fraud.replay import Replay
from data_plane import data_sets, made_up
from data_plane.sql import published
from datalake.contracts import prod
from datalake.memory import MemoryStorage
from fraud_cases import World

COLUMNS = prod.FRAUD_FEATURES
OWN = [feature.name for feature in FEATURES]


def table(storage: MemoryStorage, name: str) -> pl.DataFrame:
    keys = [k for k in storage.keys("prod", f"{name}/") if k.endswith(".parquet")]
    frames = [pl.read_parquet(storage.get("prod", key).body) for key in sorted(keys)]
    return pl.concat(frames).sort("transacted_at", *prod.TRANSACTION_FEATURES.key)


def payment(row: dict[str, object]) -> Payment:
    return Payment(
        source="made-up",
        transaction_id=row["transaction_id"],
        at=row["transacted_at"],
        customer_id=row["customer_id"],
        terminal_id=row["terminal_id"],
        amount=int(row["amount"] * MINOR),
        currency=row["currency"],
        quantity=row["quantity"],
    )


def differences(rows: list[dict[str, object]], found: dict[Payment, list[float]]) -> list[str]:
    """Where the features differ from the table's rows in any bit; null is NaN."""
    lines = []
    for row in rows:
        values = dict(zip(OWN, found[payment(row)], strict=True))
        for name in COLUMNS:
            expected = float("nan") if row[name] is None else float(row[name])
            same = values[name] == expected or (isnan(values[name]) and isnan(expected))
            if not same:
                lines.append(f"{row['transacted_at']} {name}: {values[name]} is not {expected}")
    return lines


def test_the_features_of_the_table_are_features_of_the_model() -> None:
    assert set(COLUMNS) <= set(OWN)
    assert (LABEL_DAYS, WINDOWS) == (prod.FRAUD_DELAY, prod.FRAUD_WINDOWS)


@pytest.fixture(scope="module")
def rows() -> list[dict[str, object]]:
    """Null terminals and labels, payments of the same instant and exactly whole days apart."""
    return table(published(made_up.payments()), "transaction_features").rows(named=True)


def test_a_replay_has_the_features_of_the_table(rows: list[dict[str, object]]) -> None:
    pairs = [(payment(row), bool(row["is_fraud"])) for row in rows]

    found = dict(Replay().features(pairs))

    assert len(found) == len(rows) > 1_000
    assert differences(rows, found) == []


def test_histories_have_them_whatever_the_order_and_repetition(
    rows: list[dict[str, object]],
) -> None:
    """Whole histories, stored and read again, answer for any time; payments and labels repeat."""
    replay = Replay()
    pairs = [(payment(row), bool(row["is_fraud"])) for row in rows]
    expected = dict(replay.features(pairs))
    # Payments that came before what a history keeps are missing from earlier windows.
    newest = [pair for pair in pairs if (pairs[-1][0].at - pair[0].at).days < 20]
    chance = random.Random(3)
    shuffled = [*pairs, *pairs]
    chance.shuffle(shuffled)
    other = Replay()
    for one, _ in shuffled:
        other.insert(one)
    for one, is_fraud in shuffled:
        if is_fraud:
            other.label(one)
    customers = {
        key: CustomerHistory.from_bytes(h.to_bytes()) for key, h in other.customers.items()
    }
    terminals = {
        key: TerminalHistory.from_bytes(h.to_bytes()) for key, h in other.terminals.items()
    }
    for one, _ in newest:
        terminal = None if one.terminal is None else terminals[one.terminal]
        found = features(one, customers[one.account], terminal)
        assert [v for v in found if v == v] == [v for v in expected[one] if v == v], one
    assert len(newest) > 100


def test_card_transactions_have_the_features_of_the_table() -> None:
    frame = data_sets.card_transactions()["transactions"]
    few = frame.filter(pl.col("customer_id").str.ends_with("7")).head(4_000)
    rows = table(published([{"transactions": few}]), "transaction_features").rows(named=True)
    pairs = [(payment(row), bool(row["is_fraud"])) for row in rows]

    assert len(rows) > 500
    assert differences(rows, dict(Replay().features(pairs))) == []


@pytest.mark.parametrize("seed", [1, 2])
def test_requests_have_them_from_the_histories_that_the_batch_keeps(
    seed: int, rows: list[dict[str, object]]
) -> None:
    """Objects out of order and repeated, months announced in any order; then payments of the week
    after, whose labels nobody knows yet."""
    chance = random.Random(seed)
    cut = datetime(2018, 4, 20, tzinfo=UTC)
    objects = [
        tables["transactions"].filter(pl.col("transacted_at") < cut)
        for tables in made_up.payments()
    ]
    objects.append(objects[0].sample(fraction=0.5, seed=seed))
    chance.shuffle(objects)
    world = World()
    months = ["2018-01", "2018-02", "2018-03", "2018-04"]
    for count in range(1, len(objects) + 1):
        prod = published([{"transactions": one} for one in objects[:count]])
        for key in prod.keys("prod", "merged_transactions/"):
            stored = prod.get("prod", key)
            world.storage.write("prod", key, stored.body, stored.info.metadata)
        for month in chance.sample(months * 2, 8):
            world.update(month)
    week = [row for row in rows if cut <= row["transacted_at"] < cut + timedelta(days=7)]

    replay = HistoryTable(world.histories).read([payment(row) for row in week])
    found = dict(replay.features([(payment(row), False) for row in week]))

    assert len(week) > 50
    assert differences(week, found) == []
