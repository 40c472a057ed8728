"""lambda_handler with SQS events, and the sample events against what they expect."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from raw_to_curated.notifications import PoisonMessageError, RawObject, parse
from raw_to_curated.service import Service
from raw_to_curated.settings import Settings
from raw_to_curated.split import SplitService

from datalake.memory import MemoryStorage
from datalake.storage import OpenObject

FUNCTION = Path(__file__).parents[3] / "lambda-functions" / "raw-to-curated"
EVENTS = sorted((FUNCTION / "events").glob("*.json"))
GOOD = (
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    "536365,85123A,WHITE HOLDER,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n"
)


@dataclass
class Context:
    function_name: str = "raw-to-curated"
    memory_limit_in_mb: int = 3072
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:raw-to-curated"
    aws_request_id: str = "52fdfc07-2182-154f-163f-5f0f9a621d72"


@dataclass
class FakeQueues:
    sent: list[dict[str, Any]] = field(default_factory=list)

    def send_message(self, **message: Any) -> None:
        self.sent.append(message)


class Unreliable(MemoryStorage):
    """Reading a key with "down" in it fails as S3 does on a bad day."""

    @contextmanager
    def open(self, bucket: str, key: str, **options: Any) -> Iterator[OpenObject]:
        if "down" in key:
            raise ConnectionError("503 Slow Down")
        with super().open(bucket, key, **options) as opened:
            yield opened


@dataclass
class App:
    module: ModuleType
    storage: MemoryStorage
    queues: FakeQueues

    def invoke(self, event: dict[str, Any]) -> Any:
        return self.module.lambda_handler(event, Context())


@pytest.fixture
def app(handler_module: ModuleType, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> App:
    storage, queues = Unreliable(), FakeQueues()
    monkeypatch.setattr(handler_module, "service", lambda: Service(storage, settings))
    monkeypatch.setattr(handler_module, "split_service", lambda: SplitService(storage, settings))
    monkeypatch.setattr(handler_module, "queues", lambda: queues)
    return App(handler_module, storage, queues)


def s3_event(*keys: str, bucket: str = "raw", **fields: Any) -> str:
    records = [
        {
            "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": bucket}, "object": {"key": key, **fields}},
        }
        for key in keys
    ]
    return json.dumps({"Records": records})


def batch(*bodies: str) -> dict[str, Any]:
    return {
        "Records": [
            {"messageId": f"m{number}", "body": body, "eventSource": "aws:sqs"}
            for number, body in enumerate(bodies)
        ]
    }


def failed(*numbers: int) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": f"m{number}"} for number in numbers]}


def reports(app: App) -> list[str]:
    keys = app.storage.keys("curated", "data-quality/")
    return [key for key in keys if key.endswith("/report.json")]


def test_one_bad_message_does_not_fail_its_neighbours(app: App) -> None:
    app.storage.write("raw", "online-retail/a.csv", GOOD.encode())
    app.storage.write("raw", "online-retail/down.csv", GOOD.encode())
    response = app.invoke(
        batch(
            "not JSON",
            s3_event("online-retail/down.csv"),
            s3_event("online-retail/a.csv"),
            s3_event("online-retail/gone.csv"),
            '{"Event": "s3:TestEvent", "Bucket": "raw"}',
        )
    )
    assert response == failed(1)
    assert len(reports(app)) == 1
    assert [message["MessageBody"] for message in app.queues.sent] == ["not JSON"]


def test_a_batch_that_fails_whole_is_a_partial_response_too(app: App) -> None:
    app.storage.write("raw", "online-retail/down.csv", GOOD.encode())
    body = s3_event("online-retail/down.csv")
    assert app.invoke(batch(body, body)) == failed(0, 1)


def test_a_poison_message_reaches_the_dead_letter_queue_with_its_error(app: App) -> None:
    assert app.invoke(batch(s3_event("k", bucket="foreign\x07"))) == failed()
    (message,) = app.queues.sent
    assert message["QueueUrl"] == "https://sqs.local/dlq"
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
    from raw_to_curated import service

    from datalake.contracts import ContractViolation

    def broken(*args: object) -> None:
        raise ContractViolation("orders", "quantity", ">= 1", count=1)

    monkeypatch.setattr(service, "segments", broken)
    app.storage.write("raw", "online-retail/a.csv", GOOD.encode())
    assert app.invoke(batch(s3_event("online-retail/a.csv"))) == failed(0)
    assert list(app.storage.keys("curated")) == []


def test_metrics_are_emitted(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    app.storage.write("raw", "online-retail/a.csv", GOOD.encode())
    app.invoke(batch(s3_event("online-retail/a.csv"), "poison"))
    documents = [
        json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line
    ]
    assert documents[-1]["ObjectsCurated"] == [1.0]
    assert documents[-1]["RowsIn"] == [1.0]
    assert documents[-1]["PoisonMessages"] == [1.0]


@pytest.mark.parametrize(
    ("encoded", "key"),
    [
        ("online-retail/a+b.csv", "online-retail/a b.csv"),
        ("online-retail/a%2Bb.csv", "online-retail/a+b.csv"),
        ("online-retail/%C3%A9%25.csv", "online-retail/é%.csv"),
        ("online-retail/2010-12.csv", "online-retail/2010-12.csv"),
    ],
)
def test_keys_are_decoded_as_s3_encodes_them(encoded: str, key: str) -> None:
    assert parse(s3_event(encoded), "raw") == [RawObject(key)]


def test_a_message_may_announce_several_versions() -> None:
    body = s3_event("a", "b", sequencer="0A", eTag='"e"', versionId="v")
    assert parse(body, "raw") == [RawObject(key, "0A", "e", "v") for key in ("a", "b")]


def test_what_announces_no_new_object_is_ignored() -> None:
    assert parse('{"Service": "Amazon S3", "Event": "s3:TestEvent"}', "raw") == []
    removed = s3_event("a").replace("ObjectCreated:Put", "ObjectRemoved:Delete")
    assert parse(removed, "raw") == []


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"Records": []}',
        '{"Records": [null]}',
        '{"Records": [{"eventName": "ObjectCreated:Put", "s3": []}]}',
        s3_event(""),
        s3_event("k", bucket="other"),
        s3_event("k", sequencer="not hexadecimal"),
        s3_event("k", sequencer=12),
        s3_event("k\ud800"),
        s3_event("k").replace('"k"', "7"),
        json.dumps({"Records": [{"eventName": "x", "s3": {"bucket": {}, "object": "text"}}]}),
    ],
)
def test_what_is_no_event_of_the_bucket_is_poison(body: str) -> None:
    with pytest.raises(PoisonMessageError):
        parse(body, "raw")


def assert_subset(expected: Any, actual: Any, at: str = "$") -> None:
    if isinstance(expected, dict):
        assert isinstance(actual, dict), at
        for name, value in expected.items():
            assert name in actual, f"{at}.{name}"
            assert_subset(value, actual[name], f"{at}.{name}")
    else:
        assert actual == expected, at


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.stem)
def test_the_sample_events_give_what_they_expect(app: App, path: Path) -> None:
    sample = json.loads(path.read_text())
    for given in sample["given"]["objects"]:
        if "file" in given:
            body = (FUNCTION / given["file"]).read_bytes()
        elif "base64" in given:
            body = base64.b64decode(given["base64"])
        else:
            body = given["text"].encode()
        app.storage.write(given["bucket"], given["key"], body)
    event = json.loads(json.dumps(sample["event"]).replace("${RAW_BUCKET}", "raw"))
    assert_subset(sample["expect"]["response"], app.invoke(event))
    for expected in sample["expect"].get("objects", []):
        if "prefix" in expected:
            keys = list(app.storage.keys(expected["bucket"], expected["prefix"]))
            assert len(keys) == expected["count"], expected
            continue
        stored = app.storage.get(expected["bucket"], expected["key"])
        if "json" in expected:
            assert_subset(expected["json"], json.loads(stored.body))


def test_there_are_sample_events() -> None:
    assert len(EVENTS) >= 5
