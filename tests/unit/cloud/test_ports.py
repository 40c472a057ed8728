from __future__ import annotations

import socket

import pytest

from fleet.cloud import ports
from fleet.errors import FleetError


def test_preferred_port_if_free(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ports.VARIABLE, raising=False)
    monkeypatch.setattr(ports, "PREFERRED", ports.free()[0])
    assert ports.choose() == ports.PREFERRED


def test_another_port_if_the_preferred_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ports.VARIABLE, raising=False)
    with socket.create_server((ports.HOST, 0)) as server:
        monkeypatch.setattr(ports, "PREFERRED", server.getsockname()[1])
        assert ports.choose() != ports.PREFERRED


def test_wanted_port(monkeypatch: pytest.MonkeyPatch) -> None:
    port = ports.free()[0]
    monkeypatch.setenv(ports.VARIABLE, str(port))
    assert ports.choose() == port


def test_wanted_port_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((ports.HOST, 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setenv(ports.VARIABLE, str(port))
        with pytest.raises(FleetError, match=f"port {port}, named by FLEET_PORT, is taken"):
            ports.choose()


@pytest.mark.parametrize("value", ["http", "0", "65536", "-1"])
def test_wanted_port_is_none(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(ports.VARIABLE, value)
    with pytest.raises(FleetError, match="is not a port"):
        ports.choose()


def test_free_ports_differ() -> None:
    assert len(set(ports.free(5))) == 5


class Server:
    """Starts on any port but those that are taken."""

    def __init__(self, taken: int, message: str) -> None:
        self.tried: list[int] = []
        self._taken, self._message = taken, message

    def start(self, port: int) -> str:
        self.tried.append(port)
        if len(self.tried) <= self._taken:
            raise FleetError(self._message)
        return f"on {port}"


@pytest.mark.parametrize(
    "message",
    [
        "ERROR: 127.0.0.1:4566 is already in use. Is MiniStack already running?",
        "OSError: [Errno 98] error while attempting to bind: address already in use",
        "Bind for 127.0.0.1:4566 failed: port is already allocated",
    ],
)
def test_another_port_if_one_was_taken_meanwhile(
    monkeypatch: pytest.MonkeyPatch, message: str
) -> None:
    monkeypatch.delenv(ports.VARIABLE, raising=False)
    server, first = Server(2, message), ports.free()[0]

    assert ports.retry(server.start, first) == f"on {server.tried[-1]}"
    assert server.tried[0] == first
    assert len(server.tried) == 3
    assert first not in server.tried[1:]


def test_another_port_if_somebody_else_listens_whatever_the_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(ports.VARIABLE, raising=False)
    with socket.create_server((ports.HOST, 0)) as listener:
        server = Server(1, "it did not start")
        ports.retry(server.start, listener.getsockname()[1])
    assert len(server.tried) == 2


def test_ports_are_not_tried_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ports.VARIABLE, raising=False)
    server = Server(100, "address already in use")

    with pytest.raises(FleetError, match="already in use"):
        ports.retry(server.start, ports.free()[0])
    assert len(server.tried) == ports.ATTEMPTS


def test_no_other_port_for_another_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ports.VARIABLE, raising=False)
    server = Server(1, "no space left on device")

    with pytest.raises(FleetError, match="no space left"):
        ports.retry(server.start, ports.free()[0])
    assert len(server.tried) == 1


def test_no_other_port_than_the_wanted_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ports.VARIABLE, "1234")
    server = Server(1, "address already in use")

    with pytest.raises(FleetError, match="already in use"):
        ports.retry(server.start, 1234)
    assert server.tried == [1234]
