"""demand-insights-engine-days through its handler, on storage in memory."""

import pytest

from demand_insights_engine import days_batch
from functions import replay, sample_events
from queue_messages import batch, failed, s3_event

NAME = "demand-insights-engine-days"
MANIFEST = "demand_daily/source={}/month=2024-01/_manifest.json"


@pytest.fixture
def handle(handler_of):
    return handler_of(NAME)


@pytest.mark.parametrize("event", sample_events(NAME))
def test_sample_events_have_the_outcome_that_they_name(handle, storage, event):
    assert replay(NAME, event, handle, storage) == []


def test_each_source_is_forecast_once(handle, monkeypatch):
    updated = []
    monkeypatch.setattr(days_batch, "update", lambda *arguments: updated.append(arguments[-1]))

    answer = handle(batch(*(s3_event(MANIFEST.format(s), bucket="prod") for s in "abab")))

    assert updated == ["a", "b"]
    assert answer == failed()
