"""The Docker-free local cloud, with the real emulator and runtime client."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from e2e.cloudtest import PREFIX, dead_letters, get, invoke, put, wait_until
from fleet import cloud as local_cloud
from fleet.catalogue import Catalogue
from fleet.cloud import Cloud
from fleet.cloud.plan import make
from fleet.cloud.processes import descendants_of
from fleet.cloud.provision import provision
from fleet.emulation import client

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the Docker-free local cloud needs Linux"
)
POOL_SIZE = 2


@pytest.fixture(scope="module")
def cloud(catalogue: Catalogue, root: Path, shared_base: Path) -> Iterator[Cloud]:
    yield local_cloud.start(catalogue, "process", pool_size=POOL_SIZE, root=root, base=shared_base)
    local_cloud.stop(base=shared_base, purge=True)


def log(base: Path, name: str) -> str:
    return (base / "cloud" / "logs" / f"{name}.log").read_text()


def workers(cloud: Cloud, function: str) -> list[int]:
    _, body = get(f"http://127.0.0.1:{cloud.ports['dispatcher']}/functions")
    found: list[int] = json.loads(body)[function]
    return found


def test_parallel_invocations_wait_for_a_worker_beyond_their_timeout(cloud: Cloud) -> None:
    # Two workers need 2.7 s for what has a timeout of 2 s each.
    events = [{"number": number, "sleep_s": 0.9} for number in range(6)]
    with ThreadPoolExecutor(len(events)) as threads:
        answers = list(threads.map(lambda event: invoke(cloud, "echo", event), events))
    assert [error for error, _ in answers] == [None] * len(events)
    assert [payload["event"] for _, payload in answers] == events
    assert len({payload["request"] for _, payload in answers}) == len(events)
    assert len({payload["pid"] for _, payload in answers}) <= POOL_SIZE


def test_function_environment(cloud: Cloud) -> None:
    assert invoke(cloud, "echo", {"read": "GREETING"}) == (None, "hello")
    assert invoke(cloud, "echo", {"read": "INBOX_BUCKET"}) == (None, PREFIX + "inbox")
    assert invoke(cloud, "echo", {"read": "FLEET_TEST_LEAK"}) == (None, None)
    _, queue = invoke(cloud, "echo", {"read": "ANNOUNCED_DLQ_QUEUE_URL"})
    attributes = client("sqs", cloud.endpoint).get_queue_attributes(QueueUrl=queue)
    assert attributes["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert invoke(cloud, "echo", {"reach": True}) == (None, 200)


def test_exception_is_a_function_error(cloud: Cloud) -> None:
    error, payload = invoke(cloud, "error", {})
    assert error == "Unhandled"
    assert "ValueError" in payload["errorMessage"]
    assert "on purpose" in payload["errorMessage"]


def test_result_that_looks_like_an_error_is_a_result(cloud: Cloud) -> None:
    error, payload = invoke(cloud, "error", {"only_looks": True})
    assert error is None
    assert payload["errorType"] == "None"


def test_timeout_ends_the_worker_and_what_it_left(cloud: Cloud) -> None:
    error, payload = invoke(cloud, "slow", {"sleep_s": 60, "leave_child": True})
    assert error == "Unhandled"
    assert "Task timed out after 1.00 seconds" in payload["errorMessage"]
    assert not any(_is_sleeping(pid) for pid in descendants_of(cloud.pids["guard"]))
    assert invoke(cloud, "slow", {}) == (None, "done")


def test_end_of_the_runtime_is_a_function_error(cloud: Cloud) -> None:
    error, payload = invoke(cloud, "crash", {})
    assert error == "Unhandled"
    assert "exit status 3" in payload["errorMessage"]
    assert invoke(cloud, "crash", {"crash": False})[0] is None


def test_killed_worker_fails_its_event_and_is_replaced(cloud: Cloud, shared_base: Path) -> None:
    invoke(cloud, "echo", {})
    started = log(shared_base, "echo").count("START RequestId")
    with ThreadPoolExecutor(1) as thread:
        running = thread.submit(invoke, cloud, "echo", {"sleep_s": 1.9})
        wait_until(lambda: log(shared_base, "echo").count("START RequestId") > started, "invoked")
        for pid in workers(cloud, "echo"):
            os.kill(pid, signal.SIGKILL)
        error, payload = running.result()
    assert error == "Unhandled"
    assert "the worker ended" in payload["errorMessage"]
    assert invoke(cloud, "echo", {})[0] is None


def test_event_above_the_limit_is_refused(cloud: Cloud) -> None:
    error, payload = invoke(cloud, "echo", {"text": "x" * (6 * 1024 * 1024 + 200)})
    assert error == "Unhandled"
    assert "HTTP 413" in payload["errorMessage"]
    assert "through S3" in payload["errorMessage"]


def test_edited_source_is_used_at_once(cloud: Cloud, root: Path) -> None:
    handler = root / "functions/slow/src/handler.py"
    before = handler.read_text()
    assert invoke(cloud, "slow", {}) == (None, "done")
    handler.write_text(before.replace('"done"', '"edited"'))
    assert invoke(cloud, "slow", {}) == (None, "edited")
    handler.write_text(before)


def test_object_reaches_the_function_through_the_queue(cloud: Cloud, shared_base: Path) -> None:
    put(cloud, "in/report.csv")
    put(cloud, "elsewhere.csv")
    wait_until(lambda: "in/report.csv" in log(shared_base, "echo"), "delivered")
    assert "elsewhere.csv" not in log(shared_base, "echo")


def test_poison_message_reaches_the_dead_letter_queue(cloud: Cloud) -> None:
    put(cloud, "in/poison.csv")
    wait_until(lambda: any("in/poison.csv" in body for body in dead_letters(cloud)), "dead")


def test_http_routes_and_authorizer(cloud: Cloud) -> None:
    status, body = get(f"{cloud.api_url}/open/door")
    assert (status, json.loads(body)) == (200, {"path": "/open/door"})
    assert get(f"{cloud.api_url}/guarded")[0] == 401
    assert get(f"{cloud.api_url}/guarded", Authorization="Bearer wrong")[0] == 403
    assert get(f"{cloud.api_url}/guarded", Authorization="Bearer open")[0] == 200
    assert get(f"{cloud.api_url}/error")[0] >= 500
    assert get(f"{cloud.api_url}/nowhere")[0] == 404


def test_schedule_has_its_target(cloud: Cloud) -> None:
    events = client("events", cloud.endpoint)
    (rule,) = events.list_rules(NamePrefix=PREFIX)["Rules"]
    assert rule["ScheduleExpression"] == "rate(1 hour)"
    (target,) = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    assert target["Arn"].endswith(f":function:{PREFIX}echo")


def test_second_provisioning_changes_nothing(cloud: Cloud, catalogue: Catalogue) -> None:
    plan = make(catalogue, cloud.endpoint, POOL_SIZE)
    assert provision(plan, cloud.endpoint, lambda name: f"{name}:source") == []


def test_function_that_left_the_catalogue_is_removed(cloud: Cloud, catalogue: Catalogue) -> None:
    functions = {n: f for n, f in catalogue.functions.items() if n != "echo"}
    smaller = catalogue.model_copy(update={"functions": functions})
    image_for = "{}:source".format
    provision(make(smaller, cloud.endpoint, POOL_SIZE), cloud.endpoint, image_for)
    try:
        names = client("lambda", cloud.endpoint).list_functions()["Functions"]
        assert PREFIX + "echo" not in {function["FunctionName"] for function in names}
        assert client("events", cloud.endpoint).list_rules(NamePrefix=PREFIX)["Rules"] == []
        assert get(f"{cloud.api_url}/open/door")[0] == 404
    finally:
        provision(make(catalogue, cloud.endpoint, POOL_SIZE), cloud.endpoint, image_for)
    assert get(f"{cloud.api_url}/open/door")[0] == 200


def test_start_keeps_the_cloud_that_runs(
    cloud: Cloud, catalogue: Catalogue, root: Path, shared_base: Path
) -> None:
    again = local_cloud.start(
        catalogue, "process", pool_size=POOL_SIZE, root=root, base=shared_base
    )
    assert again == cloud == local_cloud.status(base=shared_base)
    assert any("START RequestId" in line for line in local_cloud.logs("echo", base=shared_base))


def _is_sleeping(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"sleep")
    except OSError:
        return False
