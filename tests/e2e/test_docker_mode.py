"""The local cloud with Docker: functions run from images."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from e2e.cloudtest import (
    check_every_reader_gets_every_object_once,
    dead_letters,
    get,
    invoke,
    put,
    tell,
    use_stores,
    wait_until,
)
from fleet import cloud as local_cloud
from fleet.catalogue import Catalogue, load
from fleet.cloud import Cloud, docker_mode, ports
from fleet.cloud.folders import Folders, read_state
from fleet.emulation import client
from fleet.images import build, engine
from fleet.paths import CATALOGUE, ROOT

pytestmark = pytest.mark.docker

# How real images are built is tested elsewhere; these only carry another handler.
DOCKERFILE = """
FROM {image}
COPY src /var/task
CMD ["handler.lambda_handler"]
"""


@pytest.fixture(scope="module")
def image_for(
    catalogue: Catalogue, root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], str]]:
    [image] = build.images_of(load(CATALOGUE), ["raw-to-curated"], ROOT, engine.machine())
    build.build([image], ROOT)
    context = tmp_path_factory.mktemp("image")
    (context / "Dockerfile").write_text(DOCKERFILE.format(image=image.reference))
    for name in catalogue.images:
        shutil.rmtree(context / "src", ignore_errors=True)
        shutil.copytree(root / "functions" / name / "src", context / "src")
        _docker("build", "--quiet", "--tag", f"cloudtest-{name}:test", str(context))
    yield "cloudtest-{}:test".format
    _docker("rmi", "--force", *(f"cloudtest-{name}:test" for name in catalogue.images))


@pytest.fixture(scope="module")
def cloud(
    catalogue: Catalogue, root: Path, shared_base: Path, image_for: Callable[[str], str]
) -> Iterator[Cloud]:
    yield local_cloud.start(catalogue, "docker", image_for=image_for, root=root, base=shared_base)
    local_cloud.stop(base=shared_base, purge=True)


def test_parallel_invocations(cloud: Cloud) -> None:
    events = [{"number": number} for number in range(6)]
    with ThreadPoolExecutor(len(events)) as threads:
        answers = list(threads.map(lambda event: invoke(cloud, "echo", event), events))
    assert [error for error, _ in answers] == [None] * len(events)
    assert [payload["event"] for _, payload in answers] == events


def test_function_reaches_the_endpoint(cloud: Cloud) -> None:
    assert invoke(cloud, "echo", {"reach": True}) == (None, 200)
    _, url = invoke(cloud, "echo", {"read": "DEAD_LETTER_QUEUE_URL"})
    assert url.startswith(docker_mode.INTERNAL_ENDPOINT)


def test_errors(cloud: Cloud) -> None:
    error, payload = invoke(cloud, "error", {})
    assert (error, payload["errorType"]) == ("Unhandled", "ValueError")
    error, payload = invoke(cloud, "slow", {"sleep_s": 60})
    assert error == "Unhandled"
    assert "Task timed out after 5.00 seconds" in payload["errorMessage"]
    assert invoke(cloud, "crash", {})[0] == "Unhandled"
    assert invoke(cloud, "crash", {"crash": False})[0] is None


def test_containers_are_restricted(cloud: Cloud) -> None:
    invoke(cloud, "echo", {})
    (container, *_) = _docker("ps", "--quiet", "--filter", "ancestor=cloudtest-echo:test").split()
    (inspected,) = json.loads(_docker("inspect", container))
    assert inspected["HostConfig"]["ReadonlyRootfs"] is True
    assert inspected["HostConfig"]["SecurityOpt"] == ["no-new-privileges"]
    assert "size=512m" in inspected["HostConfig"]["Tmpfs"]["/tmp"]
    assert not inspected["NetworkSettings"]["Ports"].get("8080/tcp")


def test_functions_of_one_image(cloud: Cloud) -> None:
    assert invoke(cloud, "watcher", {}) == (None, {"greeting": "hi", "memory_mb": "256"})


def test_every_reader_gets_every_object_once(cloud: Cloud) -> None:
    check_every_reader_gets_every_object_once(cloud)


def test_poison_message_reaches_the_dead_letter_queue(cloud: Cloud) -> None:
    tell(cloud, "poison")
    wait_until(lambda: "poison" in dead_letters(cloud), "dead")


def test_http_routes_and_authorizer(cloud: Cloud) -> None:
    assert get(f"{cloud.api_url}/open/door")[0] == 200
    assert get(f"{cloud.api_url}/guarded")[0] == 401
    assert get(f"{cloud.api_url}/guarded", Authorization="Bearer wrong")[0] == 403
    assert get(f"{cloud.api_url}/guarded", Authorization="Bearer open")[0] == 200


def test_tables_secret_and_parameter(cloud: Cloud) -> None:
    assert use_stores(cloud, "one") == {
        "first": True,
        "readings": ["2024-03-01"],
        "secret": "local-placeholder-for-signing-key",
        "parameter": "local-placeholder-for-limits",
    }
    assert use_stores(cloud, "one")["first"] is False


def test_function_calls_another(cloud: Cloud) -> None:
    error, answer = invoke(cloud, "keeper", {"call": {"number": 1}})
    assert error is None
    assert answer["payload"]["event"] == {"number": 1}


def test_stop_leaves_no_container_and_start_takes_up_its_data_on_a_free_port(
    cloud: Cloud,
    catalogue: Catalogue,
    root: Path,
    shared_base: Path,
    image_for: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    invoke(cloud, "echo", {})
    put(cloud, "kept.csv")
    use_stores(cloud, "kept")
    running = read_state(Folders(shared_base))
    assert running
    local_cloud.stop(base=shared_base)
    assert not _docker("ps", "--all", "--quiet", "--filter", "ancestor=cloudtest-echo:test")
    assert running.compose not in _docker("network", "ls")
    assert local_cloud.status(base=shared_base) is None

    # Whoever takes the port before Docker does.
    with socket.create_server((ports.HOST, 0)) as server:
        monkeypatch.setattr(ports, "choose", lambda: server.getsockname()[1])
        again = local_cloud.start(
            catalogue, "docker", image_for=image_for, root=root, base=shared_base
        )
        assert again.ports["endpoint"] != server.getsockname()[1]
    listed = client("s3", again.endpoint).list_objects_v2(Bucket="cloudtest-local-inbox")
    assert "kept.csv" in {entry["Key"] for entry in listed["Contents"]}
    assert use_stores(again, "kept")["first"] is False
    assert local_cloud.status(base=shared_base) == again


def _docker(*arguments: str) -> str:
    return subprocess.run(
        ["docker", *arguments], check=True, stdout=subprocess.PIPE, text=True
    ).stdout
