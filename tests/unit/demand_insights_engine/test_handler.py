"""demand-insights-engine through its handler, on storage in memory."""

import json

import pytest

from datalake.memory import MemoryStorage
from demand_insights_engine import adapter
from functions import load_in_environment, replay, sample_event, sample_events

NAME = "demand-insights-engine"


@pytest.fixture
def storage(monkeypatch) -> MemoryStorage:
    storage = MemoryStorage()
    monkeypatch.setattr(adapter, "storage", lambda: storage)
    return storage


@pytest.fixture
def handle(monkeypatch, lambda_context, storage):
    adapter.api_settings.cache_clear()
    module = load_in_environment(NAME, monkeypatch)
    yield lambda event: module.lambda_handler(event, lambda_context)
    adapter.api_settings.cache_clear()


@pytest.mark.parametrize("event", sample_events(NAME))
def test_sample_events_have_the_outcome_that_they_name(handle, storage, event):
    assert replay(NAME, event, handle, storage) == []


def test_problems_name_the_field(handle):
    response = handle(sample_event(NAME, "negative-units"))

    [error] = json.loads(response["body"])["errors"]
    assert error["pointer"] == "#/weeks/0/units"
