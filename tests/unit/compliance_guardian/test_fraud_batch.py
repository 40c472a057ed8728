"""Payments to scores and alerts: the same whatever the order, the repetition and the crashes."""

import random
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from compliance_guardian.fraud.alert_table import AlertTable, Filter, Status
from compliance_guardian.fraud.history_table import HistoryTable
from compliance_guardian.fraud.label_table import Investigation, LabelTable
from compliance_guardian.fraud.names import payment_id
from compliance_guardian.fraud.payment_rows import PaymentRows
from compliance_guardian.fraud.replay import Replay
from compliance_guardian.fraud_batch import UnsettledError
from data_plane.faulty_storage import Faulty, Stopped
from datalake.contracts.insights import (
    FRAUD_ALERTS,
    FRAUD_DRIFT,
    FRAUD_MONITORING,
    FRAUD_SCORES,
    FRAUD_TABLES,
)
from datalake.storage import PreconditionFailedError
from fraud_cases import SETTINGS, SOURCE, World, months_of, publish, rows
from fraud_model import MODEL

NOW = datetime(2018, 7, 1, tzinfo=UTC)
PAYMENTS = rows()
MONTHS = months_of(PAYMENTS)


def delivered(*deliveries):
    """A world after deliveries of months, each with what is published before it."""
    world = World()
    for published in deliveries:
        for month, frame in published.items():
            publish(world.storage, month, frame)
        world.update(*published)
    return world


@pytest.fixture(scope="module")
def at_once():
    return delivered(MONTHS)


@pytest.fixture
def world(at_once):
    return deepcopy(at_once)


def in_time(frame):
    return PaymentRows.of(SOURCE, frame)


def online_features(world, frame):
    """Features of payments from the histories in the table, as a request would get them."""
    payments = in_time(frame).payments
    replay = HistoryTable(world.histories).read(payments)
    return {
        payment: str(values) for payment, values in replay.features((p, False) for p in payments)
    }


def test_each_payment_has_a_score_from_what_was_known_at_its_time(at_once):
    everything = in_time(PAYMENTS)
    expected = {
        payment_id(payment): at_once.model.score([values])[0]
        for payment, values in Replay().features(everything.labelled)
    }

    found = pl.concat(at_once.insights(FRAUD_SCORES, month) for month in MONTHS)

    assert found.height == PAYMENTS.height == len(expected)
    for row in found.iter_rows(named=True):
        score = expected[row["payment_id"]]
        assert (row["probability"], row["lower"], row["upper"]) == (
            score.probability,
            score.lower,
            score.upper,
        )
        assert row["model_version"] == MODEL.version


def test_alerts_keep_within_the_capacity_and_are_listed_with_reasons(at_once):
    found = pl.concat(at_once.insights(FRAUD_ALERTS, month) for month in MONTHS)

    assert found.height > 20
    assert found.group_by("day").len()["len"].max() == SETTINGS.fraud_cards_a_day
    listed = at_once.listed()
    assert set(listed) == set(found["alert_id"])
    for row in found.iter_rows(named=True):
        alert = listed[row["alert_id"]]
        assert alert["status"] == "open"
        assert alert["reasons"] == row["reasons"]
        assert "amount_ratio" in row["reasons"]


@pytest.mark.parametrize("seed", range(6))
def test_months_one_by_one_in_any_order_and_repeated_give_the_same(at_once, seed):
    chance = random.Random(seed)
    order = [*MONTHS, *MONTHS] if seed else list(MONTHS)
    if seed:
        chance.shuffle(order)

    world = delivered(*({month: MONTHS[month]} for month in order))

    assert world.written() == at_once.written()
    assert world.listed() == at_once.listed()
    newest = MONTHS[max(MONTHS)]
    assert online_features(world, newest) == online_features(at_once, newest)


@pytest.mark.parametrize("seed", range(3))
def test_payments_that_arrive_late_give_the_same(at_once, seed):
    """Parts of months, in any order: what is redone is as if all had been there."""
    chance = random.Random(seed)
    parts = []
    for month, frame in MONTHS.items():
        cut = chance.randrange(1, frame.height)
        parts += [{month: frame.sample(cut, seed=seed)}, {month: frame}]
    order = sorted(range(len(parts)), key=lambda n: (n % 2, chance.random()))

    world = delivered(*(parts[number] for number in order))

    assert world.written() == at_once.written()
    assert world.listed() == at_once.listed()


def test_a_repetition_reads_no_payment_and_writes_nothing(world, monkeypatch):
    versions = [item.version for table in tables(world) for item in table._items.values()]
    monkeypatch.setattr(world.storage, "get", None)
    monkeypatch.setattr(world.storage, "put", None)
    before = world.storage.snapshot()

    world.update(*MONTHS)

    assert world.storage.snapshot() == before
    assert versions == [item.version for table in tables(world) for item in table._items.values()]


def tables(world):
    return world.histories, world.labels, world.alerts


def test_only_months_that_may_change_are_written():
    frames = {f"2017-{month:02}": moved(month) for month in (1, 2, 3, 4, 5, 6, 8)}
    world = delivered(frames)
    before = world.written()

    publish(world.storage, "2017-02", frames["2017-02"].head(20))
    world.update("2017-02")

    after = world.written()
    changed = {key.split("month=")[1][:7] for key in after if after[key] != before[key]}
    # Also the month before, whose labels may be known now; August is too far away.
    assert changed == {"2017-01", "2017-02", "2017-03", "2017-04", "2017-05", "2017-06"}
    scores = {key for key in after if key.startswith("fraud_scores") and after[key] != before[key]}
    assert not any("2017-01" in key for key in scores)


def moved(month):
    """Forty payments of a month of 2017."""
    frame = rows(seed=month, count=40, days=20)
    return frame.with_columns(
        (pl.col("transacted_at") - pl.duration(days=384)).dt.offset_by(f"{month - 1}mo")
    ).filter(pl.col("transacted_at").dt.month() == month)


def test_what_an_investigation_found_counts_from_its_time_on(world):
    march = in_time(MONTHS["2018-03"]).labelled
    fraud = next(payment for payment, is_fraud in march if payment.terminal and not is_fraud)
    known_at = fraud.at + timedelta(days=1)
    before = world.written()
    LabelTable(world.labels).add(Investigation(fraud, True, known_at))

    world.update("2018-03")

    expected = Replay({fraud.identity: [(known_at, True)]})
    probabilities = {
        payment_id(payment): world.model.score([values])[0].probability
        for payment, values in expected.features(in_time(PAYMENTS).labelled)
    }
    for month in MONTHS:
        found = world.insights(FRAUD_SCORES, month)
        assert dict(found.select("payment_id", "probability").iter_rows()) == {
            name: probabilities[name] for name in found["payment_id"]
        }
    march = "fraud_scores/source=made-up/month=2018-03/part-0.parquet"
    assert world.written()[march] != before[march]


def test_a_label_of_a_payment_that_has_not_arrived_waits_for_it():
    frame = MONTHS["2018-02"]
    late = frame.sort("transacted_at").head(1)
    [payment] = in_time(late).payments
    world = delivered({"2018-02": frame.sort("transacted_at").tail(-1)})
    LabelTable(world.labels).add(Investigation(payment, True, payment.at + timedelta(days=2)))
    world.update("2018-02")

    publish(world.storage, "2018-02", frame)
    world.update("2018-02")

    [history] = HistoryTable(world.histories).read([payment]).customers.values()
    label = next(label for label in history.labels if label.identity == payment.identity)
    known = (payment.at + timedelta(days=2) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        microseconds=1
    )
    assert (known, True) in label.verdicts


def test_labels_of_the_prod_table_are_known_seven_days_later():
    frame = MONTHS["2018-02"].with_columns(is_fraud=pl.lit(value=False))
    world = delivered({"2018-02": frame})
    first = world.insights(FRAUD_MONITORING, "2018-02")
    newest = frame["transacted_at"].dt.replace_time_zone(None).max()
    known = frame.filter(
        pl.col("transacted_at").dt.replace_time_zone(None) <= newest - timedelta(days=7)
    )
    assert first["labelled"].sum() == known.height < frame.height

    publish(world.storage, "2018-03", MONTHS["2018-03"])
    world.update("2018-03")

    assert world.insights(FRAUD_MONITORING, "2018-02")["labelled"].sum() == frame.height


def test_a_closed_alert_stays_closed_and_an_open_one_goes_with_its_payment(world):
    closed, opened = sorted(a for a in world.listed() if a.startswith("2018-03"))[:2]
    AlertTable(world.alerts).close(closed, "honest", "ann", NOW)
    gone = {world.listed()[name]["payment_id"] for name in (closed, opened)}
    march = MONTHS["2018-03"]
    ids = in_time(march)
    left = ids.rows.filter(~ids.ids.is_in(list(gone)))

    publish(world.storage, "2018-03", left)
    world.update("2018-03")

    listed = world.listed()
    assert (listed[closed]["status"], listed[closed]["reason"]) == ("closed", "honest")
    assert opened not in listed or listed[opened]["payment_id"] not in gone
    assert gone.isdisjoint(world.insights(FRAUD_SCORES, "2018-03")["payment_id"])
    publish(world.storage, "2018-03", march)
    world.update("2018-03")
    assert world.listed()[closed]["status"] == "closed"
    assert opened in world.listed()


def test_a_payment_that_vanished_is_in_no_history():
    frame = MONTHS["2018-03"]
    world = delivered({"2018-03": frame})
    left = frame.sort("transacted_at").tail(-5)
    publish(world.storage, "2018-03", left)
    world.update("2018-03")

    expected = delivered({"2018-03": left})
    assert online_features(world, left) == online_features(expected, left)


def test_a_month_without_payments_any_more_has_no_scores(world):
    publish(world.storage, "2018-04", MONTHS["2018-04"].clear())

    world.update("2018-04")

    assert all(world.insights(table, "2018-04").is_empty() for table in FRAUD_TABLES)
    assert not any(name.startswith("2018-04") for name in world.listed())


def test_a_payment_dated_years_ahead_pushes_nothing_out(world, caplog):
    one = MONTHS["2018-04"].head(1).with_columns(pl.col("transacted_at").dt.offset_by("80y"))
    before, remembered = world.written(), world.remembered()
    publish(world.storage, "2098-04", one)

    world.update("2098-04")

    assert (world.written(), world.remembered()) == (before, remembered)
    assert "dated in the future" in caplog.text


def test_settings_and_model_are_part_of_what_insights_are_of(world):
    world.settings = SETTINGS.model_copy(update={"fraud_cards_a_day": 1})
    world.update("2018-04")
    assert world.insights(FRAUD_ALERTS, "2018-04").group_by("day").len()["len"].max() == 1

    world.model = replace(MODEL, version="1.1+x")
    world.update("2018-04")
    for table in FRAUD_TABLES:
        assert set(world.insights(table, "2018-04")["model_version"]) == {"1.1+x"}


def test_no_card_number_is_written():
    number = "4539578763621486"
    frame = MONTHS["2018-04"].with_columns(
        customer_id=pl.lit(number), transaction_id=pl.lit(number)
    )
    world = delivered({"2018-04": frame.unique(["transacted_at"])})

    assert world.insights(FRAUD_SCORES, "2018-04")["customer_id"][0] == "453957******1486"
    everything = f"{world.written()}{world.listed()}{world.remembered()}"
    assert number not in everything
    assert all(number not in str(world.insights(table, "2018-04").rows()) for table in FRAUD_TABLES)


def test_a_stop_anywhere_is_made_good():
    few = PAYMENTS.filter(pl.col("transacted_at").dt.month().is_in([3, 4])).head(30)
    begin = delivered({"2018-03": few.head(6)})
    for month, frame in months_of(few).items():
        publish(begin.storage, month, frame)
    whole, counted = deepcopy(begin), deepcopy(begin)
    whole.update("2018-03", "2018-04")
    faulty = Faulty(counted.storage)
    counted.update("2018-03", "2018-04", faulty=faulty)
    assert {"query", "put", "get", "head", "etags", "delete"} >= set(faulty.calls)
    seen = []

    for number in range(1, len(faulty.calls) + 1):
        world = deepcopy(begin)
        with pytest.raises(Stopped):
            world.update("2018-03", "2018-04", faulty=Faulty(world.storage, number))
        state = (world.written(), world.listed(), world.remembered())
        if state in seen:
            continue
        seen.append(state)
        world.update("2018-03", "2018-04")
        assert world.written() == whole.written(), number
        assert world.listed() == whole.listed(), number
        assert world.remembered() == whole.remembered(), number

    assert len(seen) > 10


def test_of_two_at_the_same_time_the_newer_state_stays():
    """The first reads an old month; the second, of a newer one, is done before the first writes."""
    newer, other = MONTHS["2018-03"], World()
    world = delivered({"2018-03": newer.head(30)})
    publish(world.storage, "2018-03", newer.head(60))
    put = world.histories.put

    def raced(item):
        world.histories.put = put
        publish(world.storage, "2018-03", newer)
        world.update("2018-03")
        put(item)

    world.histories.put = raced
    world.update("2018-03")

    publish(other.storage, "2018-03", newer)
    other.update("2018-03")
    assert world.written() == other.written()
    assert online_features(world, newer) == online_features(other, newer)


def test_who_is_outrun_again_and_again_says_so(world, monkeypatch):
    def put(bucket, key, *arguments, **options):
        raise PreconditionFailedError(bucket, key, "changed")

    publish(world.storage, "2018-04", MONTHS["2018-04"].head(3))
    monkeypatch.setattr(world.storage, "put", put)

    with pytest.raises(UnsettledError, match="made-up"):
        world.update("2018-04")


def test_drift_is_of_each_week_and_feature(at_once):
    drift = at_once.insights(FRAUD_DRIFT, "2018-03")
    weeks = at_once.insights(FRAUD_MONITORING, "2018-03")

    assert set(drift["week"]) == set(weeks["week"])
    assert drift.height == 31 * weeks.height
    assert weeks["days"].sum() == 31


def test_an_alert_is_listed_investigated_closed_and_taught(world):
    """The loop, by the same tables that the API works on."""
    table = AlertTable(world.alerts)
    listed = table.page(Filter(status=Status.OPEN), 100).alerts
    alert = next(one for one in listed if str(one["day"]) < "2018-03-15")
    assert str(alert["day"]).startswith("2018-03")
    of_month = in_time(MONTHS["2018-03"])
    place = of_month.ids.to_list().index(alert["payment_id"])
    payment = of_month.payments[place]
    before = world.insights(FRAUD_MONITORING, "2018-03")
    is_fraud = not of_month.is_fraud[place]

    known_at = payment.at + timedelta(days=9)
    LabelTable(world.labels).add(Investigation(payment, is_fraud, known_at))
    table.close(str(alert["alert_id"]), "investigated", "ann", NOW)
    world.update("2018-04")

    [closed] = table.page(Filter(status=Status.CLOSED), 100).alerts
    assert closed["alert_id"] == alert["alert_id"]
    after = world.insights(FRAUD_MONITORING, "2018-03")
    assert after["frauds"].sum() - before["frauds"].sum() == (1 if is_fraud else -1)
    [history] = HistoryTable(world.histories).read([payment]).customers.values()
    assert payment.identity in {label.identity for label in history.labels}
