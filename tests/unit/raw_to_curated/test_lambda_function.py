"""lambda_handler with SQS events, and the sample events against what they expect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, NoReturn

import pytest
from polars.exceptions import PanicException

import emf
import functions
from datalake.memory import MemoryStorage
from datalake.storage import OpenObject
from functions import App
from lambda_app import dead_letters
from lambda_app.containment import PanicError
from queue_messages import DELETED, batch, failed, s3_event
from raw_to_curated import assembly, part_curation, service, split
from raw_to_curated.actions import UnknownActionError
from raw_to_curated.curate import Segment
from raw_to_curated.independent_count import IndependentCounter
from raw_to_curated.service import Service
from raw_to_curated.settings import Settings
from raw_to_curated.source_drift import SourceDrift
from raw_to_curated.sources.model import Source
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
    monkeypatch.setattr(handler_module, "source_drift", lambda: SourceDrift(app.storage, settings))
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


def rejections(app: App) -> list[dict[str, Any]]:
    keys = app.storage.keys("curated", "data-quality/")
    return [
        json.loads(app.storage.get("curated", key).body)
        for key in keys
        if key.endswith("/rejection.json")
    ]


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (ConnectionError("503 Slow Down"), "ConnectionError: 503 Slow Down"),
        (MemoryError(), "MemoryError"),
        (PanicException("index out of bounds"), "PanicException: index out of bounds"),
    ],
)
def test_an_object_that_fails_at_its_last_delivery_is_rejected_with_the_reason(
    app: App,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    name: str,
) -> None:
    segments = service.segments

    def broken(source: Source, key: str, *arguments: Any) -> Iterator[Segment]:
        if key == "online-retail/a.csv":
            raise error
        return segments(source, key, *arguments)

    monkeypatch.setattr(service, "segments", broken)
    app.storage.write("raw", "online-retail/a.csv", GOOD.encode())
    app.storage.write("raw", "online-retail/b.csv", b"a,b\n1,2\n")
    bodies = [event("online-retail/a.csv"), event("online-retail/b.csv")]
    assert app.invoke(batch(*bodies, receives=4)) == failed(0)
    assert len(rejections(app)) == 1
    assert app.invoke(batch(*bodies, receives=5)) == failed(0)
    found = {made["object_key"]: made for made in rejections(app)}
    given_up, rejected = found["online-retail/a.csv"], found["online-retail/b.csv"]
    assert (given_up["reason"], given_up["provisional"]) == ("processing_failed", True)
    assert name in given_up["details"]["error"][0]
    assert rejected["reason"] == "columns_mismatch"
    assert "provisional" not in rejected
    # SQS moves the message to the dead-letter queue itself.
    assert app.queues.sent == []
    assert emf.values(capsys.readouterr().out, "ObjectsGivenUp") == [1]


STEPS = {
    "plan": (split, "bounds"),
    "curate_part": (part_curation, "segments"),
    "finish": (assembly, "curated_report"),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("error", [PanicException("index out of bounds"), MemoryError("4 GiB")])
def test_a_step_that_fails_answers_with_its_error_and_is_given_up_with_it(
    app: App, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> None:
    """As Lambda's runtime client, which answers with an Exception and dies of anything else."""
    app.storage.write("raw", "online-retail/a.csv", GOOD.encode())
    named = {"bucket": "raw", "key": "online-retail/a.csv"}

    def broken(*arguments: object, **options: object) -> NoReturn:
        raise error

    monkeypatch.setattr(*STEPS[step], broken)

    def run() -> None:
        planned = app.invoke({"action": "plan", **named})
        app.invoke(planned["parts"][0])
        app.invoke(planned["finish"])

    with pytest.raises((PanicError, MemoryError)) as found:
        run()
    failure = {"Error": found.typename, "Cause": json.dumps({"errorMessage": str(found.value)})}
    app.invoke({"action": "give_up", **named, "step": {**named, "error": failure}})
    (given_up,) = rejections(app)
    assert (given_up["reason"], given_up["provisional"]) == ("processing_failed", True)
    assert str(error) in given_up["details"]["error"][0]


def test_an_object_that_is_redriven_loses_its_provisional_rejection(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.storage.write("raw", "online-retail/down.csv", GOOD.encode())
    body = event("online-retail/down.csv")
    assert app.invoke(batch(body, receives=5)) == failed(0)
    assert len(rejections(app)) == 1
    monkeypatch.setattr(Unreliable, "open", MemoryStorage.open)
    assert app.invoke(batch(body)) == failed()
    assert rejections(app) == []
    assert len(reports(app)) == 1


def test_the_drift_of_a_source_is_answered(app: App) -> None:
    app.storage.write("raw", "online-retail/a.csv", GOOD.encode())
    app.invoke(batch(event("online-retail/a.csv")))
    answer = app.invoke({"action": "drift", "source": "online-retail"})
    assert (answer["objects"], answer["next"]) == (1, None)
    assert [entry["columns"] for entry in answer["drift"]] == [{}]
    assert json.loads(json.dumps(answer)) == answer


@pytest.mark.parametrize("action", [None, 7, ["drift"], {"a": "drift"}, "dance"])
def test_an_action_that_there_is_not_is_refused(app: App, action: object) -> None:
    with pytest.raises(UnknownActionError):
        app.invoke({"action": action, "bucket": "raw", "key": "online-retail/a.csv"})


def test_rows_that_another_reader_counts_differently_are_logged_and_counted(
    app: App,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    app.storage.write("raw", "online-retail/a.csv", GOOD.encode())
    app.storage.write("raw", "online-retail/b.csv", GOOD.encode())
    app.invoke(batch(event("online-retail/a.csv")))
    output = capsys.readouterr().out
    assert emf.values(output, "ObjectsCountedIndependently") == [1]
    assert emf.values(output, "CountsDisagree") == []

    def lost(self: object) -> Iterator[str]:
        return iter(["header", "one", "two"])

    monkeypatch.setattr(IndependentCounter, "_lines", lost)
    app.invoke(batch(event("online-retail/b.csv")))
    assert emf.values(capsys.readouterr().out, "CountsDisagree") == [1]
    (warning,) = [record for record in caplog.records if record.levelname == "WARNING"]
    found = {name: getattr(warning, name) for name in ("rows_in", "rows", "agrees", "method")}
    assert found == {"rows_in": 1, "rows": 2, "agrees": False, "method": "csv"}
