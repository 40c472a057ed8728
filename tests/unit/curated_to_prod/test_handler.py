"""lambda_handler with SQS events, and the sample events against what they expect."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import made_up
import pytest
from curated_objects import curate, report_key
from curated_to_prod.notifications import PoisonMessageError, parse
from curated_to_prod.service import Service
from curated_to_prod.settings import Settings

from datalake.memory import MemoryStorage
from datalake.storage import StoredObject

FUNCTION = Path(__file__).parents[3] / "lambda-functions" / "curated-to-prod"
EVENTS = sorted((FUNCTION / "events").glob("*.json"))


@dataclass
class Context:
    function_name: str = "curated-to-prod"
    memory_limit_in_mb: int = 3072
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:curated-to-prod"
    aws_request_id: str = "52fdfc07-2182-154f-163f-5f0f9a621d72"


@dataclass
class FakeQueues:
    sent: list[dict[str, Any]] = field(default_factory=list)

    def send_message(self, **message: Any) -> None:
        self.sent.append(message)


class Unreliable(MemoryStorage):
    """Reading a key with "down" in it fails as S3 does on a bad day."""

    def get(self, bucket: str, key: str, **options: Any) -> StoredObject:
        if "down" in key:
            raise ConnectionError("503 Slow Down")
        return super().get(bucket, key, **options)


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
    monkeypatch.setattr(handler_module, "queues", lambda: queues)
    return App(handler_module, storage, queues)


def s3_event(*keys: str, bucket: str = "curated") -> str:
    records = [
        {
            "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": bucket}, "object": {"key": key}},
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


def event_key(name: str) -> str:
    return report_key("made-up", name).replace("=", "%3D")


def test_one_bad_message_does_not_fail_its_neighbours(app: App) -> None:
    for name in ("a", "down"):
        curate(app.storage, "made-up", name, made_up.market()[0])
    response = app.invoke(
        batch(
            "not JSON",
            s3_event(event_key("down")),
            s3_event(event_key("a")),
            s3_event(event_key("gone")),
            '{"Event": "s3:TestEvent", "Bucket": "curated"}',
        )
    )
    assert response == failed(1)
    assert list(app.storage.keys("prod", "market_panel/"))
    assert [message["MessageBody"] for message in app.queues.sent] == ["not JSON"]


def test_a_poison_message_reaches_the_dead_letter_queue_with_its_error(app: App) -> None:
    assert app.invoke(batch(s3_event("k", bucket="foreign\x07"))) == failed()
    (message,) = app.queues.sent
    assert message["QueueUrl"] == "https://sqs.local/dlq"
    attributes = message["MessageAttributes"]
    assert attributes["ErrorType"]["StringValue"] == "PoisonMessageError"
    assert attributes["ErrorMessage"]["StringValue"].startswith("the event is of bucket foreign?")


def test_a_report_that_cannot_be_read_reaches_it_too(app: App) -> None:
    app.storage.write("curated", report_key("made-up", "a"), b"{}")
    assert app.invoke(batch(s3_event(event_key("a")))) == failed()
    (message,) = app.queues.sent
    assert message["MessageAttributes"]["ErrorType"]["StringValue"] == "UnusableReportError"


def test_a_dead_letter_queue_out_of_order_means_a_retry(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**message: Any) -> None:
        raise ConnectionError("no queue")

    monkeypatch.setattr(app.queues, "send_message", fail)
    assert app.invoke(batch("not JSON")) == failed(0)


def test_metrics_are_emitted(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    curate(app.storage, "made-up", "a", made_up.market()[0])
    app.invoke(batch(s3_event(event_key("a")), s3_event(event_key("a")), "poison"))
    documents = [
        json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line
    ]
    assert documents[-1]["ReportsPublished"] == [1.0]
    assert documents[-1]["ReportsUnchanged"] == [1.0]
    assert sum(documents[-1]["PartitionsWritten"]) == 2 * 2
    assert documents[-1]["PoisonMessages"] == [1.0]


@pytest.mark.parametrize(
    ("encoded", "key"),
    [
        (
            "data-quality/source%3Ds/object%3Da/report.json",
            "data-quality/source=s/object=a/report.json",
        ),
        ("a+b%2Bc%C3%A9", "a b+cé"),
    ],
)
def test_keys_are_decoded_as_s3_encodes_them(encoded: str, key: str) -> None:
    assert parse(s3_event(encoded), "curated") == [key]


def test_what_announces_no_new_object_is_ignored() -> None:
    assert parse('{"Service": "Amazon S3", "Event": "s3:TestEvent"}', "curated") == []
    removed = s3_event("a").replace("ObjectCreated:Put", "ObjectRemoved:Delete")
    assert parse(removed, "curated") == []


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "null",
        '{"Records": []}',
        '{"Records": [null]}',
        '{"Records": [{"eventName": "ObjectCreated:Put", "s3": []}]}',
        s3_event(""),
        s3_event("k", bucket="other"),
        s3_event("k\ud800"),
        s3_event("k").replace('"k"', "7"),
    ],
)
def test_what_is_no_event_of_the_bucket_is_poison(body: str) -> None:
    with pytest.raises(PoisonMessageError):
        parse(body, "curated")


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
    event = json.loads(json.dumps(sample["event"]).replace("${CURATED_BUCKET}", "curated"))
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
    assert len(EVENTS) >= 4
