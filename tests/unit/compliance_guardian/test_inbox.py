"""Objects of the inbox to raw or quarantine: once, whatever the order, and never unmasked."""

import json

import pytest

from compliance_guardian.adapter import InboxSettings
from compliance_guardian.batch import RELEASE, ChangedError
from compliance_guardian.inbox import Inbox
from compliance_guardian.insights import key_hash, partition
from compliance_guardian.policies.values import WeakKeyError
from data_plane.faulty_storage import stopped
from datalake import policies
from datalake.contracts.insights import COMPLIANCE_FINDINGS, COMPLIANCE_SCANS
from datalake.files import decode
from datalake.layout import BlockedObject
from datalake.memory import MemoryStorage
from datalake.policies import Action, Policy
from lambda_app.s3_events import CreatedObject

SETTINGS = InboxSettings(
    inbox_bucket="inbox",
    raw_bucket="raw",
    quarantine_bucket="quarantine",
    insights_bucket="insights",
    pan_hash_key_secret_id="key",
)
NUMBER, SHOWN = "4539578763621486", "453957******1486"
BODY = f"id,card\n1,{NUMBER}\n".encode()
ACTIONS = (Action.MASK, Action.HASH, Action.BLOCK)


@pytest.fixture(autouse=True)
def _policies(monkeypatch):
    for action in ACTIONS:
        monkeypatch.setitem(policies.POLICIES, action.value, Policy(action))


def update(storage, key="mask/a.csv", secret=b"k" * 32):
    Inbox(storage, SETTINGS, lambda: secret).update(CreatedObject(key))


def begun(key="mask/a.csv", body=BODY):
    storage = MemoryStorage()
    storage.write("inbox", key, body)
    return storage


def outside(storage):
    return {name: state for name, state in storage.snapshot().items() if name[0] != "inbox"}


def scan(storage, key="mask/a.csv"):
    body = storage.get("insights", partition(COMPLIANCE_SCANS, "inbox", key).data_key).body
    return decode(COMPLIANCE_SCANS, body).row(0, named=True)


def report(storage, key):
    blocked = BlockedObject(key.partition("/")[0], key_hash(key))
    return json.loads(storage.get("quarantine", blocked.report_key).body)


def test_a_masked_copy_is_released_under_the_same_key():
    storage = begun()

    update(storage)

    assert storage.get("raw", "mask/a.csv").body == f"id,card\n1,{SHOWN}\n".encode()
    assert RELEASE in storage.head("raw", "mask/a.csv").metadata
    found = scan(storage)
    assert (found["outcome"], found["protected"], found["bucket"]) == ("released", 1, "inbox")


def test_a_source_that_is_reported_is_released_unchanged():
    storage = begun("shop/a.csv")

    update(storage, "shop/a.csv")

    assert storage.get("raw", "shop/a.csv").body == BODY
    assert set(outside(storage)) == {("raw", "shop/a.csv")}


def test_a_blocked_object_leaves_a_masked_copy_and_a_report():
    storage = begun("block/a.csv")

    update(storage, "block/a.csv")

    found = report(storage, "block/a.csv")
    assert storage.head("raw", "block/a.csv") is None
    assert SHOWN.encode() in storage.get("quarantine", found["copy"]).body
    assert found["first_findings"][0]["masked"] == SHOWN
    assert "policy" in found["reason"]
    assert scan(storage, "block/a.csv")["outcome"] == "blocked"


@pytest.mark.parametrize("key", ["a.csv", f"mask/{NUMBER}.csv"])
def test_a_key_without_a_source_or_with_a_number_is_blocked(key):
    storage = begun(key)

    update(storage, key)

    assert {bucket for bucket, _ in outside(storage)} == {"quarantine", "insights"}
    assert all(NUMBER not in f"{name}{state}" for name, state in outside(storage).items())


def test_a_good_version_takes_the_place_of_a_blocked_one():
    storage = begun("block/a.csv")
    update(storage, "block/a.csv")
    storage.write("inbox", "block/a.csv", b"id\n1\n")
    update(storage, "block/a.csv")
    fresh = begun("block/a.csv", b"id\n1\n")
    update(fresh, "block/a.csv")

    assert outside(storage) == outside(fresh)


def test_a_repeated_message_writes_nothing(monkeypatch):
    storage = begun()
    update(storage)
    monkeypatch.setattr(storage, "open", None)
    monkeypatch.setattr(storage, "put", None)

    update(storage)


def test_another_key_releases_again():
    storage = begun("hash/a.csv")
    update(storage, "hash/a.csv")
    before = storage.get("raw", "hash/a.csv").body
    update(storage, "hash/a.csv", b"x" * 32)

    assert storage.get("raw", "hash/a.csv").body != before


def test_a_weak_key_releases_nothing():
    storage = begun("hash/a.csv")

    with pytest.raises(WeakKeyError):
        update(storage, "hash/a.csv", b"weak")
    assert outside(storage) == {}


@pytest.mark.parametrize("action", ACTIONS)
def test_a_stop_anywhere_is_made_good_and_leaves_no_number_outside(action):
    key = f"{action}/a.csv"
    whole = begun(key)
    update(whole, key)

    for _, state in stopped(
        begun(key), lambda storage: update(storage, key), ("head", "open", "read", "put")
    ):
        assert all(NUMBER.encode() not in content for content, _ in outside(state).values())
        update(state, key)
        assert outside(state) == outside(whole)


def test_giving_up_says_why_and_a_later_success_takes_its_place():
    storage = begun()
    inbox = Inbox(storage, SETTINGS, lambda: b"")
    inbox.give_up(CreatedObject("mask/a.csv"), 5, MemoryError())

    assert "5 times: MemoryError" in report(storage, "mask/a.csv")["reason"]
    update(storage)
    whole = begun()
    update(whole)
    assert outside(storage) == outside(whole)


def test_an_object_that_changes_meanwhile_is_read_again():
    class Changing(MemoryStorage):
        def head(self, bucket, key, **options):
            found = super().head(bucket, key, **options)
            if bucket == "inbox":
                self.write("inbox", key, b"other")
            return found

    storage = Changing()
    storage.write("inbox", "mask/a.csv", BODY)

    with pytest.raises(ChangedError):
        update(storage)
    assert outside(storage) == {}


def test_an_object_that_is_gone_leaves_nothing():
    storage = MemoryStorage()
    update(storage)
    assert storage.snapshot() == {}


def test_the_findings_are_written_masked():
    storage = begun()
    update(storage)
    key = partition(COMPLIANCE_FINDINGS, "inbox", "mask/a.csv").data_key

    assert decode(COMPLIANCE_FINDINGS, storage.get("insights", key).body)["masked"].item() == SHOWN
