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
