"""compliance-guardian-inbox through its handler, on storage in memory."""

import json

import pytest

from compliance_guardian import adapter
from datalake.memory import MemoryStorage
from functions import load_in_environment, replay, sample_events
from lambda_app import dead_letters
from queue_messages import FakeQueues, batch, failed, s3_event

NAME = "compliance-guardian-inbox"
NUMBER = "4539578763621486"


@pytest.fixture
def storage(monkeypatch) -> MemoryStorage:
    storage = MemoryStorage()
    monkeypatch.setattr(adapter, "storage", lambda: storage)
    return storage


@pytest.fixture
def queues(monkeypatch) -> FakeQueues:
    queues = FakeQueues()
    monkeypatch.setattr(dead_letters, "sqs", lambda: queues)
    return queues


@pytest.fixture
def handle(monkeypatch, lambda_context, storage, queues):
    adapter.inbox_settings.cache_clear()
    module = load_in_environment(NAME, monkeypatch)
    yield lambda event: module.lambda_handler(event, lambda_context)
    adapter.inbox_settings.cache_clear()


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
