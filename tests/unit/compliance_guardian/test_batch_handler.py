"""compliance-guardian-batch through its handler, on storage in memory."""

import json

import pytest

from compliance_guardian import batch as batch_module
from datalake.contracts.insights import COMPLIANCE_SCANS
from datalake.files import decode
from functions import replay, sample_events
from queue_messages import batch, failed, s3_event

NAME = "compliance-guardian-batch"
NUMBER = "4539578763621486"


@pytest.fixture
def handle(handler_of):
    return handler_of(NAME)


@pytest.mark.parametrize("event", sample_events(NAME))
def test_sample_events_have_the_outcome_that_they_name(handle, storage, event):
    assert replay(NAME, event, handle, storage) == []


def test_no_number_reaches_a_log_an_insight_or_a_dead_letter(handle, storage, queues, capsys):
    key = f"shop/{NUMBER}.txt"
    storage.write("raw", key, f"card {NUMBER}".encode())

    answer = handle(
        batch(
            s3_event(key, bucket="raw"),
            f"card {NUMBER}",
            s3_event(key, bucket="elsewhere"),
        )
    )

    assert answer == failed()
    assert len(queues.sent) == 2
    assert NUMBER not in json.dumps(queues.sent)
    assert NUMBER not in "".join(capsys.readouterr())
    written = [state for (bucket, _), state in storage.snapshot().items() if bucket == "insights"]
    assert len(written) == 3
    assert all(NUMBER not in str(state) for state in written)


def test_a_failure_is_delivered_again_and_shows_no_number(handle, storage, monkeypatch, capsys):
    def fails(*_arguments, **_options):
        raise ConnectionError(f"no route to {NUMBER}")

    monkeypatch.setattr(storage, "head", fails)

    assert handle(batch(s3_event(f"a/{NUMBER}.csv", bucket="raw"))) == failed(0)
    assert NUMBER not in "".join(capsys.readouterr())


def test_an_object_that_ends_the_function_has_an_outcome(handle, storage, monkeypatch):
    def kills(*_):
        raise KeyboardInterrupt

    storage.write("raw", "shop/a.csv", b"a,b\n1,2\n")
    monkeypatch.setattr(batch_module.reader, "find", kills)
    event = batch(s3_event("shop/a.csv", bucket="raw"))
    event["Records"][0]["attributes"]["ApproximateReceiveCount"] = "5"

    with pytest.raises(KeyboardInterrupt):
        handle(event)

    scans = [
        decode(COMPLIANCE_SCANS, storage.get(bucket, key).body)
        for bucket, key in storage.snapshot()
        if key.startswith("compliance_scans/")
    ]
    assert "ran out of time or memory" in scans[0]["problem"][0]
