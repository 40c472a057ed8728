"""Scans to the inventory of their source, whatever their order."""

import itertools

import pytest

from compliance_guardian import batch, inventory
from compliance_guardian.adapter import BatchSettings, InboxSettings
from compliance_guardian.inbox import Inbox
from compliance_guardian.insights import key_hash, partition
from datalake.contracts.insights import COMPLIANCE_INVENTORY, COMPLIANCE_SCANS
from datalake.layout import Partition
from datalake.memory import MemoryStorage
from datalake.storage import PreconditionFailedError
from lambda_app.s3_events import CreatedObject

SETTINGS = BatchSettings(raw_bucket="raw", insights_bucket="insights")
INBOX = InboxSettings(
    inbox_bucket="inbox",
    raw_bucket="raw",
    quarantine_bucket="quarantine",
    insights_bucket="insights",
    pan_hash_key_secret_id="key",
)
NUMBER = "4539578763621486"
FILES = {
    "shop/a.csv": f"id,card\n1,{NUMBER}\n2,{NUMBER}\n",
    "shop/b.csv": "id,mail\n1,mia@example.org\n",
    f"shop/{NUMBER}.csv": "id,cvv\n1,123\n",
}
OBJECTS = [key_hash(key) for key in FILES]


@pytest.fixture
def storage() -> MemoryStorage:
    storage = MemoryStorage()
    for key, body in FILES.items():
        storage.write("raw", key, body.encode())
        batch.update(storage, SETTINGS, CreatedObject(key, "01"))
    return storage


def update(storage, objects):
    inventory.update(storage, "insights", "shop", objects)


def stored(storage):
    return storage.snapshot()["insights", Partition(COMPLIANCE_INVENTORY, "shop").data_key]


def test_each_object_has_a_row_with_its_counts(storage):
    update(storage, OBJECTS)

    rows = {row["key"]: row for row in inventory.read(storage, "insights", "shop").to_dicts()}
    assert set(rows) == {"shop/a.csv", "shop/b.csv", "shop/453957******1486.csv"}
    assert (rows["shop/a.csv"]["card_numbers"], rows["shop/a.csv"]["readable"]) == (2, 2)
    assert rows["shop/b.csv"]["personal_data"] == 1
    assert rows["shop/453957******1486.csv"]["verification_codes"] == 1


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_order_of_scans_does_not_matter(storage, order):
    update(storage, OBJECTS)
    at_once = stored(storage)

    for index in order:
        update(storage, [OBJECTS[index]])

    assert stored(storage) == at_once
    assert inventory.read(storage, "insights", "shop")["object"].to_list() == sorted(OBJECTS)


def test_a_first_inventory_has_scans_of_earlier_times_too(storage):
    update(storage, OBJECTS[1:2])

    assert inventory.read(storage, "insights", "shop").height == len(OBJECTS)


def test_a_new_version_replaces_the_row(storage):
    update(storage, OBJECTS)
    storage.write("raw", "shop/a.csv", b"id,card\n1,none\n")
    batch.update(storage, SETTINGS, CreatedObject("shop/a.csv", "02"))

    update(storage, OBJECTS[:1])

    rows = inventory.read(storage, "insights", "shop")
    assert rows.height == len(OBJECTS)
    assert rows["card_numbers"].sum() == 0


def test_an_original_in_the_inbox_cannot_be_read_in_raw(storage):
    key = "customer-master/a.csv"
    storage.write("inbox", key, FILES["shop/a.csv"].encode())
    Inbox(storage, INBOX, lambda: b"0" * 32).update(CreatedObject(key, "01"))
    batch.update(storage, SETTINGS, CreatedObject(key, "02"))

    inventory.update(storage, "insights", "customer-master", [])

    rows = inventory.read(storage, "insights", "customer-master").sort("bucket")
    assert rows.select("bucket", "outcome", "card_numbers", "readable").rows() == [
        ("inbox", "released", 2, 0),
        ("raw", "released", 0, 0),
    ]


def test_a_scan_that_is_gone_has_no_row(storage):
    update(storage, OBJECTS)
    key = partition(COMPLIANCE_SCANS, "raw", "shop/a.csv").data_key
    storage.delete("insights", key, if_match=storage.head("insights", key).etag)

    update(storage, OBJECTS[:1])

    assert inventory.read(storage, "insights", "shop").height == len(OBJECTS) - 1


def test_nothing_scanned_writes_nothing():
    storage = MemoryStorage()

    update(storage, ["0" * 16])

    assert storage.snapshot() == {}
    assert inventory.sources(storage, "insights") == []


def test_an_inventory_that_another_one_wrote_is_read_again(storage, monkeypatch):
    put, refused = storage.put, []

    def refuse_once(bucket, key, *arguments, **options):
        if not refused:
            refused.append(key)
            raise PreconditionFailedError(bucket, key, "changed")
        return put(bucket, key, *arguments, **options)

    monkeypatch.setattr(storage, "put", refuse_once)

    update(storage, OBJECTS)

    assert refused == [Partition(COMPLIANCE_INVENTORY, "shop").data_key]
    assert inventory.read(storage, "insights", "shop").height == len(OBJECTS)


def test_others_that_keep_writing_are_reported(storage, monkeypatch):
    def refuse(bucket, key, *_arguments, **_options):
        raise PreconditionFailedError(bucket, key, "changed")

    monkeypatch.setattr(storage, "put", refuse)

    with pytest.raises(PreconditionFailedError):
        update(storage, OBJECTS)


def test_sources_are_those_with_an_inventory(storage):
    update(storage, OBJECTS)

    assert inventory.sources(storage, "insights") == ["shop"]
