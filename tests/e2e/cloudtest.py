"""What the tests of both modes of the local cloud share."""

from __future__ import annotations

import json
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from fleet.cloud import Cloud
from fleet.emulation import client

FUNCTIONS = Path(__file__).parent / "functions"
PREFIX = "cloudtest-local-"
# Only what will never come is given up, however busy the machine is.
DEADLINE_S = 400.0


def make_root(root: Path) -> Path:
    """A checkout with the test functions in it; return its catalogue."""
    locks = [FUNCTIONS / "requirements.in", FUNCTIONS / "requirements.txt"]
    for source in (path for path in FUNCTIONS.iterdir() if path.is_dir()):
        folder = root / "functions" / source.name
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "Dockerfile").touch()
        for lock in locks:
            if not (folder / lock.name).exists():
                shutil.copy(lock, folder)
    return Path(shutil.copy(FUNCTIONS / "functions.yaml", root))


def wait_until(condition: Callable[[], Any], what: str) -> Any:
    """Poll until the condition is true, and return its value."""
    deadline = time.monotonic() + DEADLINE_S
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"after {DEADLINE_S} s still not: {what}")
        time.sleep(0.05)
    return value


def invoke(cloud: Cloud, function: str, event: object) -> tuple[str | None, Any]:
    """(FunctionError, payload) of a synchronous invocation through the AWS API."""
    answer = client("lambda", cloud.endpoint).invoke(
        FunctionName=PREFIX + function, Payload=json.dumps(event)
    )
    return answer.get("FunctionError"), json.loads(answer["Payload"].read())


def get(url: str, **headers: str) -> tuple[int, bytes]:
    """(status, body) of a GET request."""
    return send("GET", url, None, headers)


def send(
    method: str, url: str, body: bytes | None, headers: Mapping[str, str]
) -> tuple[int, bytes]:
    """(status, body) of a request."""
    request = urllib.request.Request(url, body, dict(headers), method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def put(cloud: Cloud, key: str) -> None:
    client("s3", cloud.endpoint).put_object(Bucket=PREFIX + "inbox", Key=key, Body=b"content")


def use_stores(cloud: Cloud, event: str) -> dict[str, Any]:
    """What keeper answers to an event by this id about a reading at 2024-03-01."""
    asked = {"id": event, "sensor": "a", "at": "2024-03-01", "since": "2024-02"}
    error, answer = invoke(cloud, "keeper", asked)
    assert error is None, answer
    found: dict[str, Any] = answer
    return found


def check_every_reader_gets_every_object_once(cloud: Cloud) -> None:
    """Two functions read one prefix, a third another; an object is one message to each."""
    names = [
        "plain.csv",
        "a+b.csv",
        "100%41.csv",
        "a blank.csv",
        "Ünïcode-☃.csv",
        "*.csv",
        "\\.csv",
    ]
    shared = [f"in/fan-out/{name}" for name in names]
    archived = ["odd*\\/fan-out/*\\+%41 é.csv", "odd*\\/.csv"]
    nobodys = ["odd*\\/fan-out/prefix-alone.txt", "odder/suffix-alone.csv", "oddx\\/star.csv"]
    note = "in/fan-out/suffix.txt"
    for key in [*shared, note, *archived, *nobodys]:
        put(cloud, key)
    readers = {"watcher": [*shared, note], "auditor": shared, "archivist": archived}

    def got(function: str) -> list[str]:
        keys = delivered(cloud, function)
        return [key for key in keys if key.startswith("odd") or "/fan-out/" in key]

    for function, keys in readers.items():
        wait_until(lambda f=function, k=keys: set(got(f)) >= set(k), f"delivered to {function}")
        wait_until(lambda f=function: not waiting(cloud, f"{f}-s3-1"), "every queue empty")
    assert {function: sorted(got(function)) for function in readers} == {
        function: sorted(keys) for function, keys in readers.items()
    }


def delivered(cloud: Cloud, function: str) -> list[str]:
    """The keys of the objects that messages to a function announced, one a message."""
    s3 = client("s3", cloud.endpoint)
    bucket, prefix = PREFIX + "inbox", f"deliveries/{PREFIX}{function}/"
    listed = s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
    bodies = [s3.get_object(Bucket=bucket, Key=item["Key"])["Body"] for item in listed]
    return [json.loads(json.load(body))["detail"]["object"]["key"] for body in bodies]


def waiting(cloud: Cloud, queue: str) -> int:
    """How many messages a queue holds, those at work included."""
    sqs = client("sqs", cloud.endpoint)
    url = sqs.get_queue_url(QueueName=PREFIX + queue)["QueueUrl"]
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


def tell(cloud: Cloud, message: str) -> None:
    """Send a message to echo."""
    sqs = client("sqs", cloud.endpoint)
    url = sqs.get_queue_url(QueueName=PREFIX + "announced")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=message)


def dead_letters(cloud: Cloud) -> list[str]:
    """The bodies of the messages in echo's dead-letter queue, which stay there."""
    sqs = client("sqs", cloud.endpoint)
    url = sqs.get_queue_url(QueueName=PREFIX + "echo-dlq")["QueueUrl"]
    answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [message["Body"] for message in answer.get("Messages", [])]
