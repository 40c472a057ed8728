"""Alerts are paged through in order, closed once, and kept closed."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance_guardian.fraud import alert_table
from compliance_guardian.fraud.alert_table import (
    AlertTable,
    ClosedAlertError,
    CursorError,
    Filter,
    Status,
    UnknownAlertError,
)
from datalake.items import Item
from datalake.memory_items import MemoryItems

NOW = datetime(2018, 7, 1, tzinfo=UTC)


def alert(day, name, probability):
    return {"alert_id": f"2018-06-{day:02}-{name}", "probability": probability}


@pytest.fixture
def items():
    return MemoryItems()


@pytest.fixture
def table(items):
    return AlertTable(items)


def ids(page):
    return [a["alert_id"][8:] for a in page.alerts]


def test_the_newest_day_comes_first_and_its_most_probable_fraud(table):
    table.replace("s", "2018-06", [alert(1, "a", 0.9), alert(2, "b", 0.2), alert(2, "c", 0.5)])

    assert ids(table.page(Filter(), 10)) == ["02-c", "02-b", "01-a"]


@given(
    places=st.sets(st.tuples(st.integers(1, 5), st.sampled_from("abcdefg")), max_size=20),
    shares=st.lists(st.sampled_from([0, 0.5, 0.25, 1]), min_size=20, max_size=20),
    limit=st.integers(1, 7),
    most_days=st.integers(1, 4),
    least=st.sampled_from([0, 0.5]),
)
def test_pages_together_are_all_alerts_once(places, shares, limit, most_days, least):
    table = AlertTable(MemoryItems())
    alerts = [alert(*place, share) for place, share in zip(sorted(places), shares, strict=False)]
    table.replace("s", "2018-06", alerts)
    wanted = Filter(min_probability=least)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alert_table, "_MOST_DAYS", most_days)
        found, cursor, pages = [], None, 0
        while cursor or not pages:
            page = table.page(wanted, limit, cursor)
            found += page.alerts
            cursor, pages = page.cursor, pages + 1
            assert len(page.alerts) <= limit
            assert pages < 100

    expected = sorted(alerts, key=lambda a: (-a["probability"], a["alert_id"]))
    expected.sort(key=lambda a: a["alert_id"][:10], reverse=True)
    assert [a["alert_id"] for a in found] == [
        a["alert_id"] for a in expected if a["probability"] >= least
    ]


def test_alerts_of_a_day_a_status_or_a_probability(table):
    table.replace("s", "2018-06", [alert(1, "a", 0.9), alert(2, "b", 0.2), alert(2, "c", 0.5)])
    table.close("2018-06-02-b", "honest", None, NOW)

    assert ids(table.page(Filter(day=date(2018, 6, 2)), 10)) == ["02-c", "02-b"]
    assert ids(table.page(Filter(status=Status.OPEN), 10)) == ["02-c", "01-a"]
    assert ids(table.page(Filter(status=Status.CLOSED, min_probability=0.3), 10)) == []
    assert ids(table.page(Filter(day=date(2018, 6, 3)), 10)) == []


@pytest.mark.parametrize("cursor", ["x", "e30", "WzEsMiwzXQ", "bnVsbA", "WyIyMDE4IiwxLCIiXQ", "é"])
def test_a_cursor_that_no_page_ended_with_is_refused(table, cursor):
    with pytest.raises(CursorError):
        table.page(Filter(), 10, cursor)


def test_an_alert_is_closed_once(table):
    table.replace("s", "2018-06", [alert(1, "a", 0.9)])

    closed = table.close("2018-06-01-a", "honest", "mia", NOW)
    again = table.close("2018-06-01-a", "honest", "leo", NOW.replace(hour=9))

    assert closed == again
    assert closed["closed_by"] == "mia"
    assert closed["closed_at"] == "2018-07-01T00:00:00+00:00"
    with pytest.raises(ClosedAlertError):
        table.close("2018-06-01-a", "fraud", "leo", NOW)
    with pytest.raises(UnknownAlertError):
        table.close("2018-06-01-b", "fraud", "leo", NOW)


def test_new_scores_leave_what_was_closed(table):
    first = [alert(1, "a", 0.9), alert(1, "b", 0.8), alert(1, "c", 0.7)]
    table.replace("s", "2018-06", first)
    table.close("2018-06-01-a", "honest", None, NOW)
    table.close("2018-06-01-b", "honest", None, NOW)

    table.replace("s", "2018-06", [alert(1, "a", 0.6), alert(1, "d", 0.5)])

    found = {
        a["alert_id"][-1]: (a["probability"], a["status"]) for a in table.page(Filter(), 9).alerts
    }
    assert found == {"a": (0.6, "closed"), "b": (0.8, "closed"), "d": (0.5, "open")}


def test_other_months_and_sources_stay(table):
    table.replace("s", "2018-06", [alert(1, "a", 0.9)])
    table.replace("s", "2018-07", [])
    table.replace("t", "2018-06", [])

    assert ids(table.page(Filter(), 9)) == ["01-a"]


def test_a_repetition_writes_nothing(table, items):
    for _ in range(2):
        table.replace("s", "2018-06", [alert(1, "a", 0.9)])

    assert [item.version for item in items.query("alerts")] == [1]


def test_an_alert_that_is_closed_while_it_is_written_stays_closed(items):
    class Raced(MemoryItems):
        is_raced = False

        def put(self, item: Item) -> None:
            if item.version and not self.is_raced:
                self.is_raced = True
                AlertTable(self).close("2018-06-01-a", "honest", None, NOW)
            super().put(item)

    table = AlertTable(Raced())
    table.replace("s", "2018-06", [alert(1, "a", 0.9)])
    table.replace("s", "2018-06", [alert(1, "a", 0.4)])

    [found] = table.page(Filter(), 9).alerts
    assert (found["probability"], found["status"]) == (0.4, "closed")
