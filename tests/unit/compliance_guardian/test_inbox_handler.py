"""compliance-guardian-inbox through its handler, on storage in memory."""

import json

import pytest

from functions import replay, sample_events
from queue_messages import batch, failed, s3_event

NAME = "compliance-guardian-inbox"
NUMBER = "4539578763621486"


@pytest.fixture
def handle(handler_of):
    return handler_of(NAME)


@pytest.mark.parametrize("event", sample_events(NAME))
def test_sample_events_have_the_outcome_that_they_name(handle, storage, event):
    assert replay(NAME, event, handle, storage) == []


def test_no_number_is_anywhere_outside_the_inbox(handle, storage, queues, capsys):
    key = f"customer-master/{NUMBER}.txt"
    storage.write("inbox", key, f"card {NUMBER}".encode())
    storage.write("inbox", "customer-master/a.txt", f"card {NUMBER}".encode())

    answer = handle(
        batch(
            s3_event(key, bucket="inbox"),
            s3_event("customer-master/a.txt", bucket="inbox"),
            f"card {NUMBER}",
        )
    )

    assert answer == failed()
    assert NUMBER not in json.dumps(queues.sent)
    assert NUMBER not in "".join(capsys.readouterr())
    written = {n: state for n, state in storage.snapshot().items() if n[0] != "inbox"}
    assert ("raw", "customer-master/a.txt") in written
    assert all(NUMBER not in f"{name}{state}" for name, state in written.items())
