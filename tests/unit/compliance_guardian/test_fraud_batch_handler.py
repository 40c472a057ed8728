"""compliance-guardian-fraud through its handler, on storage and tables in memory."""

import json

import pytest

from compliance_guardian import fraud_adapter
from datalake.memory_items import MemoryItems
from fraud_model import MODEL
from functions import replay, sample_events
from queue_messages import batch, failed, s3_event

NAME = "compliance-guardian-fraud"
MANIFEST = "merged_transactions/source=s/month=2018-06/_manifest.json"


@pytest.fixture
def handle(handler_of, monkeypatch):
    for table in ("histories", "labels", "alerts"):
        items = MemoryItems()
        monkeypatch.setattr(fraud_adapter, table, lambda items=items: items)
    monkeypatch.setattr(fraud_adapter, "model", lambda: MODEL)
    return handler_of(NAME)


@pytest.mark.parametrize("event", sample_events(NAME))
def test_sample_events_have_the_outcome_that_they_name(handle, storage, event):
    assert replay(NAME, event, handle, storage) == []


def test_dead_letters_and_logs_hold_no_number(handle, queues, capsys):
    answer = handle(batch("card 4539578763621486"))

    assert answer == failed()
    assert len(queues.sent) == 1
    assert "4539578763621486" not in json.dumps(queues.sent)
    assert "4539578763621486" not in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    "key",
    [
        MANIFEST.replace("_manifest.json", "part-0.parquet"),
        MANIFEST.replace("merged_transactions", "transaction_features"),
        f"_index/{MANIFEST}",
    ],
)
def test_other_objects_are_passed_over(handle, storage, queues, key):
    assert handle(batch(s3_event(key, bucket="prod"))) == failed()
    assert queues.sent == []
    assert storage.snapshot() == {}


def test_a_source_that_fails_leaves_the_others_alone(handle, storage, monkeypatch):
    etags = storage.etags

    def fail(bucket, prefix):
        if "source=bad" in prefix:
            raise ConnectionError("S3 does not answer")
        return etags(bucket, prefix)

    monkeypatch.setattr(storage, "etags", fail)
    messages = [
        s3_event(MANIFEST.replace("=s/", f"={name}/"), bucket="prod") for name in ("bad", "s")
    ]

    assert handle(batch(*messages)) == failed(0)
