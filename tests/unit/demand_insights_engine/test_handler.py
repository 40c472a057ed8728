"""demand-insights-engine through its handler, on storage in memory."""

import json

import pytest

from functions import replay, sample_event, sample_events

NAME = "demand-insights-engine"


@pytest.fixture
def handle(handler_of):
    return handler_of(NAME)


@pytest.mark.parametrize("event", sample_events(NAME))
def test_sample_events_have_the_outcome_that_they_name(handle, storage, event):
    assert replay(NAME, event, handle, storage) == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"frequency": "weekly", "values": [1, "a"]}, "#/values/1"),
        ({"frequency": "weekly", "values": []}, "#/values"),
        ({"frequency": "weekly", "values": [1e16]}, "#/values/0"),
        ({"frequency": "weekly", "values": [None, None]}, "#/values"),
        ({"frequency": "weekly", "values": [3, -1]}, "#/values"),
        ({"frequency": "fortnightly", "values": [1]}, "#/frequency"),
        ({"frequency": "weekly", "values": [1], "horizon": 0}, "#/horizon"),
        ({"frequency": "weekly", "values": [1], "season": 3}, "#/season"),
    ],
)
def test_problems_name_the_field(handle, body, pointer):
    event = sample_event(NAME, "forecast-of-a-series") | {"body": json.dumps(body)}

    answer = handle(event)

    assert answer["statusCode"] == 422
    assert json.loads(answer["body"])["errors"][0]["pointer"].startswith(pointer)
