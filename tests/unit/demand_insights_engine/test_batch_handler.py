"""demand-insights-engine-batch through its handler, on storage in memory."""

import pytest

from demand_insights_engine import demand_batch
from functions import replay, sample_events
from queue_messages import batch, failed, s3_event

NAME = "demand-insights-engine-batch"
MANIFEST = "demand_weekly/source={}/month=2024-01/_manifest.json"


@pytest.fixture
def handle(handler_of):
    return handler_of(NAME)


@pytest.mark.parametrize("event", sample_events(NAME))
def test_sample_events_have_the_outcome_that_they_name(handle, storage, event):
    assert replay(NAME, event, handle, storage) == []


def test_each_source_is_forecast_once(handle, monkeypatch):
    updated = []
    monkeypatch.setattr(demand_batch, "update", lambda *arguments: updated.append(arguments[-1]))

    answer = handle(batch(*(s3_event(MANIFEST.format(s), bucket="prod") for s in "abab")))

    assert updated == ["a", "b"]
    assert answer == failed()


def test_dead_letters_say_why(handle, queues):
    other = "demand_daily/source=a/month=2024-01/_manifest.json"

    answer = handle(batch("not JSON", s3_event(other, bucket="prod")))

    said = [sent["MessageAttributes"]["ErrorMessage"]["StringValue"] for sent in queues.sent]
    assert answer == failed()
    assert "not JSON" in said[0]
    assert "is not a partition of demand_weekly" in said[1]


def test_a_failing_source_is_delivered_again(handle, monkeypatch):
    def update(_storage, _settings, source):
        if source == "a":
            raise ConnectionError("no route to S3")

    monkeypatch.setattr(demand_batch, "update", update)

    answer = handle(batch(*(s3_event(MANIFEST.format(s), bucket="prod") for s in "abab")))

    assert answer == failed(0, 2)
