"""lambda_handler with SQS events, and the sample events against what they expect."""

from __future__ import annotations

import hashlib
import json
from types import ModuleType
from typing import Any

import pytest

import emf
import functions
from curated_to_prod.service import Service
from curated_to_prod.settings import Settings
from data_plane import made_up
from data_plane.curated_objects import curate, report_key
from datalake.layout import CuratedObject
from datalake.memory import MemoryStorage
from datalake.storage import StoredObject
from functions import App
from lambda_app import dead_letters
from queue_messages import DELETED, batch, failed, s3_event


class Unreliable(MemoryStorage):
    """Reading a key with "down" in it fails as S3 does on a bad day."""

    def get(self, bucket: str, key: str, **options: Any) -> StoredObject:
        if "down" in key:
            raise ConnectionError("503 Slow Down")
        return super().get(bucket, key, **options)


@pytest.fixture
def app(
    handler_module: ModuleType,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    lambda_context: object,
) -> App:
    app = App(handler_module, lambda_context, Unreliable())
    monkeypatch.setattr(handler_module, "service", lambda: Service(app.storage, settings))
    monkeypatch.setattr(dead_letters, "sqs", lambda: app.queues)
    return app


def event(name: str) -> str:
    """The body of a message on the report of an object."""
    return s3_event(report_key("made-up", name), bucket="curated")


def test_one_bad_message_does_not_fail_its_neighbours(app: App) -> None:
    for name in ("a", "down"):
        curate(app.storage, "made-up", name, made_up.market()[0])
    response = app.invoke(
        batch(
            "not JSON",
            event("down"),
            event("a"),
            event("gone"),
            s3_event(report_key("made-up", "a"), bucket="curated", kind=DELETED),
        )
    )
    assert response == failed(1)
    assert list(app.storage.keys("prod", "market_panel/"))
    assert [message["MessageBody"] for message in app.queues.sent] == ["not JSON"]


def test_a_poison_message_reaches_the_dead_letter_queue_with_its_error(app: App) -> None:
    assert app.invoke(batch(s3_event("k", bucket="foreign\x07"))) == failed()
    (message,) = app.queues.sent
    assert message["QueueUrl"] == functions.queue_url("curated-to-prod-dlq")
    attributes = message["MessageAttributes"]
    assert attributes["ErrorType"]["StringValue"] == "PoisonMessageError"
    assert attributes["ErrorMessage"]["StringValue"].startswith("the event is of bucket foreign?")


@pytest.mark.parametrize("kind", ["no report", "deep", "foreign", "no Parquet"])
def test_a_report_that_cannot_be_used_reaches_it_alone(app: App, kind: str) -> None:
    for name in "abc":
        curate(app.storage, "made-up", name, made_up.market()[0])
    key = report_key("made-up", "b")
    body = app.storage.get("curated", key).body
    if kind == "no Parquet":
        file = CuratedObject("made-up", "b").table_key("market_series")
        sound = app.storage.get("curated", file).body
        app.storage.write("curated", file, b"PAR1")
        hashes = [hashlib.sha256(content).hexdigest().encode() for content in (sound, b"PAR1")]
        body = body.replace(*hashes)
    changed = {
        "no report": b"{}",
        "deep": b"[" * 100_000,
        "foreign": body.replace(b"object=b/", b"object=a/"),
        "no Parquet": body,
    }
    app.storage.write("curated", key, changed[kind])
    assert app.invoke(batch(*map(event, "abc"))) == failed()
    (message,) = app.queues.sent
    assert message["MessageBody"] == event("b")
    assert message["MessageAttributes"]["ErrorType"]["StringValue"] == "UnusableReportError"
    manifest = app.storage.get(
        "prod", "merged_market_series/source=made-up/year=2019/_manifest.json"
    )
    assert [entry["key"].split("/")[2] for entry in json.loads(manifest.body)["inputs"]] == [
        "object=a",
        "object=c",
    ]


def test_the_reports_of_each_source_are_worked_on_together(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    market, payments = made_up.market(), made_up.payments()
    keys = [curate(app.storage, "market", f"m{n}", part) for n, part in enumerate(market)]
    keys += [curate(app.storage, "payments", f"p{n}", part) for n, part in enumerate(payments)]
    messages = [s3_event(key, bucket="curated") for key in [*keys[:3], *keys[2:]]]
    assert app.invoke(batch(*messages)) == failed()
    published = [line for line in caplog.records if line.message == "prod tables published"]
    assert [vars(line)["report_keys"] for line in published] == [keys[:2], keys[2:]]


def test_one_report_that_fails_fails_every_message_that_names_it(app: App) -> None:
    for name in ("a", "down"):
        curate(app.storage, "made-up", name, made_up.market()[0])
    assert app.invoke(batch(event("down"), event("a"), event("down"))) == failed(0, 2)


def test_a_dead_letter_queue_out_of_order_means_a_retry(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**message: Any) -> None:
        raise ConnectionError("no queue")

    monkeypatch.setattr(app.queues, "send_message", fail)
    assert app.invoke(batch("not JSON")) == failed(0)


def test_metrics_are_emitted(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    curate(app.storage, "made-up", "a", made_up.market()[0])
    app.invoke(batch(event("a"), event("a"), "poison"))
    output = capsys.readouterr().out
    assert sum(emf.values(output, "Messages")) == 3
    assert emf.values(output, "ReportsPublished") == [1]
    assert sum(emf.values(output, "PartitionsWritten")) == 2 * 2
    assert emf.values(output, "MessagesDeadLettered") == [1]
    app.invoke(batch(event("a")))
    assert emf.values(capsys.readouterr().out, "ReportsUnchanged") == [1]


@pytest.mark.parametrize("name", functions.sample_events("curated-to-prod"))
def test_the_sample_events_give_what_they_expect(app: App, name: str) -> None:
    assert functions.replay("curated-to-prod", name, app.invoke, app.storage) == []
