"""demand-insights-engine-batch through its handler, on storage in memory."""

import pytest

from datalake.memory import MemoryStorage
from demand_insights_engine import adapter, insights
from functions import load_in_environment, replay, sample_event, sample_events
from lambda_app import dead_letters
from queue_messages import FakeQueues

NAME = "demand-insights-engine-batch"


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
    adapter.batch_settings.cache_clear()
    module = load_in_environment(NAME, monkeypatch)
    yield lambda event: module.lambda_handler(event, lambda_context)
    adapter.batch_settings.cache_clear()


@pytest.mark.parametrize("event", sample_events(NAME))
def test_sample_events_have_the_outcome_that_they_name(handle, storage, event):
    assert replay(NAME, event, handle, storage) == []


def test_the_unusual_weeks_of_the_sample_are_found(handle, storage):
    replay(NAME, "new-demand", handle, storage)

    rows = insights.read(storage, "insights", "shop")

    assert rows is not None
    assert rows.select("product_id", "units").rows() == [("22423", 210), ("85123A", 30)]
    assert rows["data_version"].n_unique() == rows["model_version"].n_unique() == 1


def test_dead_letters_say_why(handle, storage, queues):
    replay(NAME, "poison", handle, storage)

    said = [sent["MessageAttributes"]["ErrorMessage"]["StringValue"] for sent in queues.sent]
    assert len(said) == 2
    assert "not JSON" in said[0]
    assert "is not a partition of demand_weekly" in said[1]


def test_a_failing_source_is_delivered_again(handle, storage, queues, monkeypatch):
    def fails(*_arguments, **_options):
        raise ConnectionError("no route to S3")

    monkeypatch.setattr(storage, "head", fails)

    response = handle(sample_event(NAME, "new-demand"))

    failed = {item["itemIdentifier"] for item in response["batchItemFailures"]}
    assert failed == {"january", "march", "repeated"}
    assert queues.sent == []
