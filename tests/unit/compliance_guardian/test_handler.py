"""compliance-guardian through its handler."""

import json

import pytest

from datalake.memory import MemoryStorage
from functions import load_in_environment, replay, sample_event, sample_events

NAME = "compliance-guardian"
NUMBER = "4539578763621486"


@pytest.fixture
def handle(monkeypatch, lambda_context):
    module = load_in_environment(NAME, monkeypatch)
    return lambda event: module.lambda_handler(event, lambda_context)


@pytest.mark.parametrize("event", sample_events(NAME))
def test_sample_events_have_the_outcome_that_they_name(handle, event):
    assert replay(NAME, event, handle, MemoryStorage()) == []


@pytest.mark.parametrize(
    "change",
    [
        {"body": json.dumps({"text": [NUMBER]})},
        {"body": json.dumps({NUMBER: 1})},
        {"body": f'{{"text": "{NUMBER}"'},
        {"rawPath": f"/compliance/{NUMBER}"},
        {"body": json.dumps({"text": "a", "kinds": [NUMBER]})},
    ],
)
def test_no_error_and_no_log_repeats_a_number(handle, change, capsys):
    answer = handle(sample_event(NAME, "card-in-a-text") | change)

    assert 400 <= answer["statusCode"] < 500
    assert NUMBER not in json.dumps(answer)
    assert NUMBER not in "".join(capsys.readouterr())
