"""Large objects are handed to the state machine, once for each event."""

from __future__ import annotations

import json

import boto3
import pytest
from botocore.stub import Stubber

from datalake.memory import MemoryStorage
from lambda_app.s3_events import CreatedObject
from raw_to_curated.backfill import StateMachine
from raw_to_curated.service import Service, Status
from raw_to_curated.settings import Settings

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
ARN = "arn:aws:states:eu-west-1:123456789012:stateMachine:backfill"


class Started:
    """Remembers what it was to start."""

    def __init__(self) -> None:
        self.objects: list[CreatedObject] = []

    def start(self, raw_object: CreatedObject) -> None:
        self.objects.append(raw_object)


def process(
    storage: MemoryStorage, settings: Settings, key: str, body: bytes
) -> tuple[Status, list[CreatedObject]]:
    info = storage.write("raw", key, body)
    started = Started()
    service = Service(
        storage, settings.model_copy(update={"split_mb": len(HEADER) / 2**20}), started
    )
    outcome = service.process(CreatedObject(key, "0A", info.etag))
    return outcome.status, started.objects


def test_a_large_object_is_handed_over(storage: MemoryStorage, settings: Settings) -> None:
    key = "online-retail/large.csv"
    status, started = process(storage, settings, key, HEADER.encode() + b"1\n")
    assert status is Status.SPLIT
    assert [raw_object.key for raw_object in started] == [key]
    assert list(storage.keys("curated")) == []


@pytest.mark.parametrize(
    ("key", "body", "expected"),
    [
        ("online-retail/small.csv", HEADER.encode(), Status.CURATED),
        ("online-retail/packed.csv.gz", b"x" * 1_000, Status.REJECTED),
        ("elsewhere/large.csv", b"x" * 1_000, Status.REJECTED),
        ("online-retail/large.pdf", b"x" * 1_000, Status.REJECTED),
    ],
)
def test_what_is_small_or_cannot_be_cut_is_not(
    storage: MemoryStorage, settings: Settings, key: str, body: bytes, expected: Status
) -> None:
    assert process(storage, settings, key, body) == (expected, [])


def test_without_a_state_machine_every_object_is_curated_at_once(
    storage: MemoryStorage, settings: Settings
) -> None:
    info = storage.write("raw", "online-retail/a.csv", HEADER.encode())
    service = Service(storage, settings.model_copy(update={"split_mb": 1 / 2**20}))
    outcome = service.process(CreatedObject("online-retail/a.csv", "0A", info.etag))
    assert outcome.status is Status.CURATED


@pytest.mark.parametrize("key", ["online-retail/a b/ä%20.csv", "x" * 1_024])
def test_an_execution_has_the_name_of_its_event(key: str) -> None:
    client = boto3.client("stepfunctions", region_name="eu-west-1")
    names: list[str] = []
    client.meta.events.register(
        "provide-client-params.sfn.StartExecution",
        lambda params, **_: names.append(params["name"]),
    )
    with Stubber(client) as stub:
        answer = {"executionArn": "arn:aws:states:::execution", "startDate": 0}
        for _ in range(3):
            stub.add_response("start_execution", answer)
        machine = StateMachine(client, ARN)
        for sequencer in ("0A", "0A", "0B"):
            machine.start(CreatedObject(key, sequencer, "etag"))
    assert names[0] == names[1] != names[2]
    assert all(len(name) <= 80 and name.isascii() for name in names)


def test_a_redelivered_event_starts_nothing() -> None:
    client = boto3.client("stepfunctions", region_name="eu-west-1")
    with Stubber(client) as stub:
        stub.add_client_error("start_execution", "ExecutionAlreadyExists")
        StateMachine(client, ARN).start(CreatedObject("online-retail/a.csv", "0A", "etag"))


def test_an_error_of_the_service_is_not_swallowed() -> None:
    client = boto3.client("stepfunctions", region_name="eu-west-1")
    with Stubber(client) as stub:
        stub.add_client_error("start_execution", "StateMachineDoesNotExist")
        with pytest.raises(client.exceptions.StateMachineDoesNotExist):
            StateMachine(client, ARN).start(CreatedObject("online-retail/a.csv", "0A", "etag"))


def test_the_input_is_the_key_as_a_prefix() -> None:
    client = boto3.client("stepfunctions", region_name="eu-west-1")
    inputs: list[object] = []
    client.meta.events.register(
        "provide-client-params.sfn.StartExecution",
        lambda params, **_: inputs.append((params["stateMachineArn"], json.loads(params["input"]))),
    )
    with Stubber(client) as stub:
        stub.add_response("start_execution", {"executionArn": "a:b", "startDate": 0})
        StateMachine(client, ARN).start(CreatedObject("online-retail/a.csv"))
    assert inputs == [(ARN, {"prefix": "online-retail/a.csv"})]
