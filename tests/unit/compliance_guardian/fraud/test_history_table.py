"""Features from the table are those of a replay, however payments arrived."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from compliance_guardian.fraud.history import CustomerHistory
from compliance_guardian.fraud.history_table import HistoryTable
from compliance_guardian.fraud.names import customer_key
from compliance_guardian.fraud.payments import Payment
from compliance_guardian.fraud.replay import Replay
from datalake.items import Item, ItemChangedError, Key
from datalake.memory_items import MemoryItems

START = datetime(2018, 6, 1, tzinfo=UTC)


def payments(count=300, seed=1):
    """Payments of five customers at five terminals in six weeks, the tenth of them fraud."""
    chance = random.Random(seed)
    return [
        (
            Payment(
                "s",
                None,
                START + timedelta(minutes=chance.randrange(60 * 24 * 42)),
                str(chance.randrange(5)),
                chance.choice(["1", "2", "3", "4", None]),
                chance.randrange(1, 10**6),
                "EUR",
            ),
            chance.random() < 0.1,
        )
        for _ in range(count)
    ]


def in_time(pairs):
    return sorted(pairs, key=lambda pair: pair[0].microseconds)


def keep(table, pairs):
    replay = Replay()
    list(replay.features(in_time(pairs)))
    replay.learn_all()
    return table.merge(replay)


@pytest.mark.parametrize("seed", range(5))
def test_online_features_are_those_of_the_batch(seed):
    """Out of order, repeated, and in parts that overlap."""
    known, new = in_time(payments(seed=seed))[:250], in_time(payments(seed=seed))[250:]
    expected = [str(values) for _, values in Replay().features([*known, *new])][250:]
    table = HistoryTable(MemoryItems())
    shuffled = random.Random(seed).sample(known, len(known))
    for start in range(0, len(known), 50):
        keep(table, shuffled[start : start + 80])
    keep(table, known)

    found = table.read([payment for payment, _ in new]).features(new)

    assert [str(values) for _, values in found] == expected


def test_a_repetition_writes_nothing():
    items = MemoryItems()
    table = HistoryTable(items)

    assert keep(table, payments()) > 5
    assert keep(table, payments()) == 0
    assert {item.version for item in items.query(customer_key(("s", "1", "EUR")).partition)} == {1}


def test_two_writers_at_a_time_lose_nothing():
    class Raced(MemoryItems):
        is_raced = False

        def put(self, item: Item) -> None:
            if not self.is_raced:
                self.is_raced = True
                keep(HistoryTable(self), payments(seed=2))
            super().put(item)

    raced, alone = Raced(), MemoryItems()
    keep(HistoryTable(raced), payments(seed=1))
    keep(HistoryTable(alone), payments(seed=1) + payments(seed=2))
    everyone = [payment for payment, _ in payments(seed=1)]
    found, expected = (HistoryTable(items).read(everyone) for items in (raced, alone))

    assert {name: h.times for name, h in found.customers.items()} == {
        name: h.times for name, h in expected.customers.items()
    }


def test_reading_writes_nothing_and_who_is_unknown_has_no_history():
    items = MemoryItems()
    [(one, _)] = payments(1)

    replay = HistoryTable(items).read([one])
    list(replay.features([(one, False)]))

    assert items.get([customer_key(one.account)]) == {}


def test_a_history_of_another_version_is_written_anew_from_what_the_batch_sees():
    items = MemoryItems()
    [(one, _)] = payments(1)
    key: Key = customer_key(one.account)
    items.put(Item(key, {"history": b"\xff" + CustomerHistory().to_bytes()}))

    assert HistoryTable(items).read([one]).customers == {}
    keep(HistoryTable(items), [(one, False)])
    assert len(HistoryTable(items).read([one]).customers[one.account]) == 1


def test_a_writer_who_is_always_outrun_says_so():
    class Busy(MemoryItems):
        def put(self, item: Item) -> None:
            raise ItemChangedError("changed")

    with pytest.raises(ItemChangedError):
        keep(HistoryTable(Busy()), payments(1))


def test_a_replacement_forgets_what_is_not_seen_any_more():
    items = MemoryItems()
    table = HistoryTable(items)
    pairs = in_time(payments())
    keep(table, pairs)
    left = pairs[:-20]
    replay, expected = Replay(), Replay()
    for each in (replay, expected):
        list(each.features(left))
        each.learn_all()

    assert table.replace(replay) > 0
    assert table.replace(replay) == 0
    found = table.read([payment for payment, _ in left])
    assert {name: h.to_bytes() for name, h in found.customers.items()} == {
        name: h.to_bytes() for name, h in expected.customers.items()
    }


def test_a_replacement_keeps_what_a_request_says_meanwhile_of_an_investigation():
    items = MemoryItems()
    table = HistoryTable(items)
    pairs = in_time(payments())
    keep(table, pairs)
    investigated = pairs[-1][0]
    learnt = table.read([investigated])
    learnt.customers[investigated.account].add_label(
        investigated, True, investigated.at + timedelta(hours=1)
    )
    table.merge(learnt)

    replay = Replay()
    list(replay.features(pairs))
    table.replace(replay)

    [history] = table.read([investigated]).customers.values()
    assert investigated.identity in {label.identity for label in history.labels}
