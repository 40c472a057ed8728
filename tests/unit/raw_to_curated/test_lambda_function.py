"""lambda_handler with SQS events, and the sample events against what they expect."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pytest

import emf
import functions
from datalake.memory import MemoryStorage
from datalake.storage import OpenObject
from functions import App
from lambda_app import dead_letters
from queue_messages import DELETED, batch, failed, s3_event
from raw_to_curated.service import Service
from raw_to_curated.settings import Settings
from raw_to_curated.split import SplitService

GOOD = (
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    "536365,85123A,WHITE HOLDER,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n"
)


class Unreliable(MemoryStorage):
    """Reading a key with "down" in it fails as S3 does on a bad day."""

    @contextmanager
    def open(self, bucket: str, key: str, **options: Any) -> Iterator[OpenObject]:
        if "down" in key:
            raise ConnectionError("503 Slow Down")
        with super().open(bucket, key, **options) as opened:
            yield opened


@pytest.fixture
def app(
    handler_module: ModuleType,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    lambda_context: object,
) -> App:
    app = App(handler_module, lambda_context, Unreliable())
    monkeypatch.setattr(handler_module, "service", lambda: Service(app.storage, settings))
    monkeypatch.setattr(
        handler_module, "split_service", lambda: SplitService(app.storage, settings)
    )
    monkeypatch.setattr(dead_letters, "sqs", lambda: app.queues)
    return app


def event(key: str) -> str:
    return s3_event(key, bucket="raw")


def reports(app: App) -> list[str]:
    keys = app.storage.keys("curated", "data-quality/")
    return [key for key in keys if key.endswith("/report.json")]


def test_one_bad_message_does_not_fail_its_neighbours(app: App) -> None:
    app.storage.write("raw", "online-retail/a.csv", GOOD.encode())
    app.storage.write("raw", "online-retail/down.csv", GOOD.encode())
    response = app.invoke(
        batch(
            "not JSON",
            event("online-retail/down.csv"),
            event("online-retail/a.csv"),
            event("online-retail/gone.csv"),
            s3_event("online-retail/a.csv", bucket="raw", kind=DELETED),
        )
    )
    assert response == failed(1)
    assert len(reports(app)) == 1
    assert [message["MessageBody"] for message in app.queues.sent] == ["not JSON"]


def test_a_batch_that_fails_whole_is_a_partial_response_too(app: App) -> None:
    app.storage.write("raw", "online-retail/down.csv", GOOD.encode())
    body = event("online-retail/down.csv")
    assert app.invoke(batch(body, body)) == failed(0, 1)


def test_a_poison_message_reaches_the_dead_letter_queue_with_its_error(app: App) -> None:
    assert app.invoke(batch(s3_event("k", bucket="foreign\x07"))) == failed()
    (message,) = app.queues.sent
    assert message["QueueUrl"] == functions.queue_url("raw-to-curated-dlq")
    attributes = message["MessageAttributes"]
    assert attributes["ErrorType"] == {
        "DataType": "String",
        "StringValue": "PoisonMessageError",
    }
    assert attributes["ErrorMessage"]["StringValue"].startswith("the event is of bucket foreign?")


def test_a_dead_letter_queue_out_of_order_means_a_retry(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**message: Any) -> None:
        raise ConnectionError("no queue")

    monkeypatch.setattr(app.queues, "send_message", fail)
    assert app.invoke(batch("not JSON")) == failed(0)


def test_a_contract_violation_is_retried_not_swallowed(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datalake.contracts import ContractViolation
    from raw_to_curated import service

    def broken(*args: object) -> None:
        raise ContractViolation("orders", "quantity", ">= 1", count=1)

    monkeypatch.setattr(service, "segments", broken)
    app.storage.write("raw", "online-retail/a.csv", GOOD.encode())
    assert app.invoke(batch(event("online-retail/a.csv"))) == failed(0)
    assert list(app.storage.keys("curated")) == []


def test_metrics_are_emitted(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    app.storage.write("raw", "online-retail/a.csv", GOOD.encode())
    app.invoke(batch(event("online-retail/a.csv"), "poison"))
    output = capsys.readouterr().out
    assert emf.values(output, "ObjectsCurated") == [1]
    assert emf.values(output, "RowsIn") == [1]
    assert emf.values(output, "MessagesDeadLettered") == [1]


@pytest.mark.parametrize("name", functions.sample_events("raw-to-curated"))
def test_the_sample_events_give_what_they_expect(app: App, name: str) -> None:
    assert functions.replay("raw-to-curated", name, app.invoke, app.storage) == []
