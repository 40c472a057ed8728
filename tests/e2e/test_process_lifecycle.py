"""Starting and ending the Docker-free local cloud, whatever ends it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from e2e.cloudtest import PREFIX, dead_letters, invoke, put, use_stores, wait_until
from fleet import cloud as local_cloud
from fleet.catalogue import Catalogue
from fleet.cloud import ports
from fleet.cloud.folders import Folders, locked
from fleet.cloud.processes import descendants_of
from fleet.emulation import client
from fleet.errors import FleetError

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the Docker-free local cloud needs Linux"
)


@pytest.fixture
def start(catalogue: Catalogue, root: Path, base: Path) -> Iterator[local_cloud.Cloud]:
    yield lambda: local_cloud.start(catalogue, "process", root=root, base=base)
    local_cloud.stop(base=base)


@pytest.mark.parametrize(
    ("role", "number"),
    [
        ("guard", signal.SIGTERM),
        ("guard", signal.SIGINT),
        ("guard", signal.SIGKILL),
        ("supervisor", signal.SIGKILL),
        ("ministack", signal.SIGKILL),
    ],
)
def test_nothing_is_left_whatever_is_killed(start, base: Path, role: str, number: int) -> None:
    cloud = start()
    invoke(cloud, "echo", {})
    busy = threading.Thread(target=_ignore_errors, args=(cloud, "slow", {"leave_child": True}))
    busy.start()
    everything = {cloud.pids["guard"], *descendants_of(cloud.pids["guard"])}
    assert set(cloud.pids.values()) < everything
    os.kill(cloud.pids[role], number)
    wait_until(lambda: not locked(Folders(base).lock), "lock released")
    everything |= set(_sleeping(base))
    wait_until(lambda: not any(_alive(pid) for pid in everything), "all gone")
    busy.join()
    assert local_cloud.status(base=base) is None
    # And the folder is as good as before.
    assert invoke(start(), "echo", {})[0] is None


def test_stop_keeps_data_and_purge_does_not(start, base: Path, monkeypatch) -> None:
    (base / "secrets").mkdir()
    (base / "secrets" / "signing-key").write_text("of the file\n")
    cloud = start()
    put(cloud, "kept.csv")
    assert use_stores(cloud, "kept")["secret"] == "of the file"
    ssm = client("ssm", cloud.endpoint)
    ssm.put_parameter(Name="/cloudtest/local/limits", Value="by hand", Overwrite=True)
    queue = client("sqs", cloud.endpoint).get_queue_url(QueueName=PREFIX + "echo-dlq")
    client("sqs", cloud.endpoint).send_message(QueueUrl=queue["QueueUrl"], MessageBody="kept")
    local_cloud.stop(base=base)
    assert local_cloud.status(base=base) is None

    monkeypatch.setenv(ports.VARIABLE, str(ports.free()[0]))
    cloud = start()
    assert cloud.endpoint.endswith(os.environ[ports.VARIABLE])
    s3 = client("s3", cloud.endpoint)
    assert s3.get_object(Bucket=PREFIX + "inbox", Key="kept.csv")["Body"].read() == b"content"
    assert dead_letters(cloud) == ["kept"]
    assert use_stores(cloud, "kept") == {
        "first": False,
        "readings": ["2024-03-01"],
        "secret": "of the file",
        "parameter": "by hand",
    }
    put(cloud, "in/after.csv")
    log = base / "cloud" / "logs" / "echo.log"
    wait_until(lambda: log.exists() and "in/after.csv" in log.read_text(), "delivered")
    local_cloud.stop(base=base, purge=True)
    assert not (base / "cloud").exists()
    assert (base / "secrets" / "signing-key").exists()


def test_data_survives_a_kill(start, base: Path) -> None:
    cloud = start()
    put(cloud, "kept.csv")
    os.kill(cloud.pids["ministack"], signal.SIGKILL)
    wait_until(lambda: local_cloud.status(base=base) is None, "stopped")
    cloud = start()
    s3 = client("s3", cloud.endpoint)
    assert s3.get_object(Bucket=PREFIX + "inbox", Key="kept.csv")["Body"].read() == b"content"


def test_taken_port_is_named(start, monkeypatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        monkeypatch.setenv(ports.VARIABLE, port)
        with pytest.raises(FleetError, match=f"port {port}, named by FLEET_PORT, is taken"):
            start()


class AlwaysHealthy(BaseHTTPRequestHandler):
    """Another local cloud, as it seems."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None: ...


def test_another_port_if_somebody_takes_it_before_the_endpoint_does(start, monkeypatch) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), AlwaysHealthy) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            monkeypatch.setattr(ports, "choose", lambda: server.server_port)
            cloud = start()
            assert cloud.ports["endpoint"] != server.server_port
            assert invoke(cloud, "echo", {"reach": True}) == (None, 200)
        finally:
            server.shutdown()


def test_one_supervisor_per_folder(start, base: Path) -> None:
    start()
    path = os.pathsep.join(part for part in sys.path if part)
    second = subprocess.run(
        [sys.executable, "-m", "fleet.cloud.supervisor", str(base)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert "another local cloud uses this folder" in second.stderr
    assert local_cloud.status(base=base) is not None


def test_failed_start_shows_why_and_leaves_nothing(start, base: Path, monkeypatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv(ports.VARIABLE, str(server.getsockname()[1]))
        monkeypatch.setattr(ports, "is_free", lambda port: True)
        with pytest.raises(FleetError, match=r"(?s)did not start.*ministack\.log.*in use"):
            start()
    assert not locked(Folders(base).lock)


def test_changed_catalogue_restarts(catalogue, root: Path, base: Path) -> None:
    def start(catalogue):
        return local_cloud.start(catalogue, "process", root=root, base=base)

    first = start(catalogue)
    echo = catalogue.functions["echo"].model_copy(update={"environment": {"GREETING": "bye"}})
    functions = {**catalogue.functions, "echo": echo}
    try:
        second = start(catalogue.model_copy(update={"functions": functions}))
        assert second.pids != first.pids
        assert invoke(second, "echo", {"read": "GREETING"}) == (None, "bye")
    finally:
        local_cloud.stop(base=base)


def _ignore_errors(cloud: local_cloud.Cloud, function: str, event: object) -> None:
    with contextlib.suppress(BotoCoreError, ClientError):
        invoke(cloud, function, event)


def _alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for does not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def _sleeping(base: Path) -> Iterator[int]:
    """What the functions of the local cloud at `base` leave behind."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            if command == b"sleep\x00600\x00" and bytes(base) in (process / "environ").read_bytes():
                yield int(process.name)
        except OSError:
            continue
