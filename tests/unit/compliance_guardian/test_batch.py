"""Raw objects to insights: once, whatever the order, and without a number."""

import gzip

import polars as pl
import pytest

from compliance_guardian import batch
from compliance_guardian.adapter import BatchSettings
from compliance_guardian.insights import partition
from data_plane.faulty_storage import stopped
from datalake.contracts.insights import (
    COMPLIANCE_FIELDS,
    COMPLIANCE_FINDINGS,
    COMPLIANCE_SCANS,
    COMPLIANCE_TABLES,
)
from datalake.files import decode
from datalake.memory import MemoryStorage
from datalake.storage import PreconditionFailedError
from lambda_app.s3_events import CreatedObject

SETTINGS = BatchSettings(raw_bucket="raw", insights_bucket="insights")
NUMBER = "4539578763621486"
KEY = f"shop/{NUMBER}.csv"
BODY = f"id,card\n1,{NUMBER}\n2,\n".encode()


def update(storage, key=KEY, sequencer="01"):
    batch.update(storage, SETTINGS, CreatedObject(key, sequencer))


def rows(storage, table, key=KEY) -> pl.DataFrame:
    return decode(table, storage.get("insights", partition(table, "raw", key).data_key).body)


def insights_of(storage):
    return {name: state for name, state in storage.snapshot().items() if name[0] == "insights"}


@pytest.fixture
def storage() -> MemoryStorage:
    storage = MemoryStorage()
    storage.write("raw", KEY, BODY)
    return storage


def test_findings_fields_and_the_scan_are_written(storage):
    update(storage)

    found = rows(storage, COMPLIANCE_FINDINGS).row(0, named=True)
    assert (found["kind"], found["field"], found["row"]) == ("card_number", "card", 1)
    assert found["key"] == "shop/453957******1486.csv"
    assert rows(storage, COMPLIANCE_FIELDS)["share"].to_list() == [0.5]
    assert rows(storage, COMPLIANCE_SCANS)["is_complete"].to_list() == [True]


def test_no_number_is_written_anywhere(storage):
    update(storage)

    for table in COMPLIANCE_TABLES:
        assert NUMBER not in str(rows(storage, table).rows())
    for (_, key), (content, metadata) in insights_of(storage).items():
        assert NUMBER not in key
        assert NUMBER.encode() not in content
        assert NUMBER not in str(metadata)


def test_a_repeated_message_reads_and_writes_nothing(storage, monkeypatch):
    update(storage)
    before = insights_of(storage)
    monkeypatch.setattr(storage, "open", None)
    monkeypatch.setattr(storage, "put", None)

    update(storage)

    assert insights_of(storage) == before


def test_order_does_not_matter(storage):
    update(storage, sequencer="01")
    storage.write("raw", KEY, b"id,card\n1,\n")
    update(storage, sequencer="02")
    after = insights_of(storage)
    update(storage, sequencer="01")

    assert insights_of(storage) == after
    assert rows(storage, COMPLIANCE_FINDINGS).height == 0


def test_a_stop_anywhere_is_made_good_and_leaves_no_number(storage):
    update(storage)
    whole = insights_of(storage)
    begin = MemoryStorage()
    begin.write("raw", KEY, BODY)
    calls = ("head", "open", "read", "put")

    states = list(stopped(begin, update, calls))

    assert len(states) == 4
    for _, state in states:
        assert all(
            NUMBER not in key and NUMBER.encode() not in content
            for (_, key), (content, _) in insights_of(state).items()
        )
        update(state)
        assert insights_of(state) == whole


def test_of_two_at_the_same_time_one_is_tried_again(storage):
    class Raced(MemoryStorage):
        def put(self, *arguments, **options):
            if not hasattr(self, "is_raced"):
                self.is_raced = True
                update(self)
            return super().put(*arguments, **options)

    raced = Raced()
    raced.write("raw", KEY, BODY)

    with pytest.raises(PreconditionFailedError):
        update(raced)
    update(raced)
    update(storage)

    assert insights_of(raced) == insights_of(storage)


def test_an_object_that_changes_meanwhile_is_read_again(storage, monkeypatch):
    class Changing(MemoryStorage):
        def head(self, bucket, key, **options):
            found = super().head(bucket, key, **options)
            if bucket == "raw":
                self.write("raw", key, b"other")
            return found

    changing = Changing()
    changing.write("raw", KEY, BODY)

    with pytest.raises(batch.ChangedError) as error:
        update(changing)

    assert NUMBER not in str(error.value)
    assert insights_of(changing) == {}


def test_an_object_that_cannot_be_read_is_said_to_be(storage):
    storage.write("raw", "shop/a.csv.gz", gzip.compress(BODY * 1000)[:-9])

    update(storage, "shop/a.csv.gz")

    [scan] = rows(storage, COMPLIANCE_SCANS, "shop/a.csv.gz").to_dicts()
    assert not scan["is_complete"]
    assert "is cut" in scan["problem"]


def test_an_object_that_is_gone_leaves_nothing():
    storage = MemoryStorage()

    update(storage)

    assert storage.snapshot() == {}


def test_giving_up_says_why_and_a_later_success_takes_its_place(storage):
    batch.give_up(storage, SETTINGS, CreatedObject(KEY, "01"), 5, MemoryError())

    [scan] = rows(storage, COMPLIANCE_SCANS).to_dicts()
    assert not scan["is_complete"]
    assert "5 times: MemoryError" in scan["problem"]
    for table in COMPLIANCE_TABLES:
        assert NUMBER not in str(rows(storage, table).rows())
    update(storage)
    whole = MemoryStorage()
    whole.write("raw", KEY, BODY)
    update(whole)
    assert insights_of(storage) == insights_of(whole)


def test_giving_up_changes_nothing_where_all_is_done_or_the_object_is_gone(storage):
    update(storage)
    before = storage.snapshot()

    batch.give_up(storage, SETTINGS, CreatedObject(KEY, "01"), 5, None)
    batch.give_up(storage, SETTINGS, CreatedObject("shop/gone.csv", "01"), 5, None)

    assert storage.snapshot() == before
