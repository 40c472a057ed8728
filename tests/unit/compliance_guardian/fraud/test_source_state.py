"""Which months follow from which, and when what they follow from is another."""

from datetime import UTC, datetime, timedelta

import pytest

from compliance_guardian.fraud.label_table import Investigation, LabelTable
from compliance_guardian.fraud.source_state import SourceState
from datalake.memory import MemoryStorage
from datalake.memory_items import MemoryItems
from datalake.snapshot import ContentCache, Snapshot
from fraud_cases import SOURCE, months_of, publish, rows

MONTHS = months_of(rows())
FEBRUARY = MONTHS["2018-02"]


class Source:
    """A source whose months may change."""

    def __init__(self, *months):
        self.storage, self.labels = MemoryStorage(), LabelTable(MemoryItems())
        for month in months:
            publish(self.storage, month, FEBRUARY.head(9))

    def look(self, today=datetime(2026, 1, 1, tzinfo=UTC)):
        snapshot = Snapshot(self.storage, "prod", SOURCE, ContentCache(0))
        return SourceState(snapshot, self.labels, today)


def test_payments_reach_the_month_before_and_four_after():
    state = Source(*(f"2018-{month:02}" for month in (1, 3, 4, 5, 7, 8, 9))).look()

    assert state.reached(["2018-04"]) == ["2018-03", "2018-04", "2018-05", "2018-07", "2018-08"]
    assert state.reached(["2018-03", "2018-09"])[0] == "2018-01"
    assert state.reached(["2018-06"]) == ["2018-05", "2018-07", "2018-08", "2018-09"]
    assert state.reached(["2010-01"]) == []


def test_months_in_the_future_are_not_there():
    state = Source("2018-01", "2018-02", "2018-03").look(datetime(2018, 2, 1, tzinfo=UTC))

    assert (state.newest, state.ahead) == ("2018-02", ["2018-03"])
    assert state.reached(["2018-03"]) == ["2018-02"]
    assert Source().look().newest is None


@pytest.mark.parametrize(
    ("changed", "is_other"),
    [
        ("2018-01", False),
        ("2018-02", True),
        ("2018-05", True),
        ("2018-06", True),
        ("2018-07", False),
    ],
)
def test_scores_follow_from_their_month_and_four_before(changed, is_other):
    source = Source(*(f"2018-{month:02}" for month in range(1, 8)))
    before = source.look().version_of_scores("2018-06", ())

    publish(source.storage, changed, FEBRUARY.head(5))

    assert (source.look().version_of_scores("2018-06", ()) != before) == is_other


@pytest.mark.parametrize(("changed", "is_other"), [(1, False), (2, True), (3, True), (4, False)])
def test_monitoring_follows_also_from_the_month_after(changed, is_other):
    source = Source(*(f"2018-{month:02}" for month in range(1, 5)))
    before = source.look().version_of_monitoring("2018-02", "x")

    publish(source.storage, f"2018-{changed:02}", FEBRUARY.head(5))

    assert (source.look().version_of_monitoring("2018-02", "x") != before) == is_other


def test_what_is_found_later_changes_no_score_of_before():
    source = Source("2018-02", "2018-03")
    payment = source.look().payments("2018-02").payments[0]
    april = datetime(2018, 4, 1, tzinfo=UTC)
    scores = source.look().version_of_scores("2018-03", ())
    monitoring = source.look().version_of_monitoring("2018-02", "x")

    source.labels.add(Investigation(payment, True, april))
    assert source.look().version_of_scores("2018-03", ()) == scores
    assert source.look().version_of_monitoring("2018-02", "x") != monitoring

    source.labels.add(Investigation(payment, True, april - timedelta(microseconds=1)))
    assert source.look().version_of_scores("2018-03", ()) != scores


def test_labels_are_known_until_the_newest_payment_of_two_months():
    source = Source("2018-01")
    publish(source.storage, "2018-02", FEBRUARY)
    newest = max(payment.at for payment in source.look().payments("2018-02").payments)

    assert source.look().known_until("2018-01") == newest
    publish(source.storage, "2018-02", FEBRUARY.clear())
    assert source.look().known_until("2018-02") == datetime(2018, 3, 1, tzinfo=UTC)
