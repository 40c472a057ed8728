"""compliance-guardian through its handler."""

import json

import pytest

from compliance_guardian import adapter, fraud_adapter
from compliance_guardian.posture import BucketFacts
from datalake.items import Item, Key
from datalake.memory_items import MemoryItems
from functions import replay, sample_event, sample_events

NAME = "compliance-guardian"
NUMBER = "4539578763621486"


@pytest.fixture
def tables(monkeypatch):
    """Tables in memory by name."""
    tables = {name: MemoryItems() for name in ("histories", "labels", "alerts")}
    for name, items in tables.items():
        monkeypatch.setattr(fraud_adapter, name, lambda items=items: items)
    return tables


@pytest.fixture
def handle(handler_of, tables, monkeypatch):
    monkeypatch.setattr(
        adapter, "bucket_facts", lambda name, _: BucketFacts(name, None, None, None, "AccessDenied")
    )
    return handler_of(NAME)


@pytest.mark.parametrize("event", sample_events(NAME))
def test_sample_events_have_the_outcome_that_they_name(handle, tables, storage, event):
    for given in sample_events(NAME)[event].given.items:
        key = Key(given.item["partition"], given.item["sort"])
        tables[given.table.removeprefix("fraud-")].put(Item(key, given.item))

    assert replay(NAME, event, handle, storage) == []


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
