"""Which port the local cloud listens on."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable
from typing import TypeVar

from fleet.errors import FleetError

HOST = "127.0.0.1"
PREFERRED = 4566
VARIABLE = "FLEET_PORT"
ATTEMPTS = 4
# As the endpoint, the operating system and Docker say it.
TAKEN = re.compile(r"already in use|already allocated", re.IGNORECASE)
Started = TypeVar("Started")


def retry(start: Callable[[int], Started], port: int) -> Started:
    """Return `start(port)`, or `start` of another port if that one was taken meanwhile.

    Between choosing a port and listening on it another process may take it. Then others are tried,
    a few times, unless FLEET_PORT names the one that is wanted. Raises FleetError as `start` does.
    """
    attempts = 1 if os.environ.get(VARIABLE) else ATTEMPTS
    while True:
        attempts -= 1
        try:
            return start(port)
        except FleetError as error:
            taken = TAKEN.search(str(error)) or not is_free(port)
            if not taken or not attempts:
                raise
        port = free()[0]


def choose() -> int:
    """FLEET_PORT if it is set, else 4566 if it is free, else any free port.

    Raises FleetError if FLEET_PORT is not a port number or is taken.
    """
    wanted = os.environ.get(VARIABLE)
    if not wanted:
        return PREFERRED if is_free(PREFERRED) else free()[0]
    if not wanted.isdigit() or not 0 < int(wanted) < 65536:
        raise FleetError(f"{VARIABLE}={wanted} is not a port; set a number from 1 to 65535")
    if not is_free(int(wanted)):
        raise FleetError(
            f"port {wanted}, named by {VARIABLE}, is taken; "
            "stop what listens there, or set another port or none"
        )
    return int(wanted)


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as candidate:
        # As servers do: connections that have ended do not keep the port.
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((HOST, port))
        except OSError:
            return False
    return True


def free(count: int = 1) -> list[int]:
    """Different free ports; another process may take one before it is used."""
    candidates = [socket.socket() for _ in range(count)]
    try:
        for candidate in candidates:
            candidate.bind((HOST, 0))
        return [candidate.getsockname()[1] for candidate in candidates]
    finally:
        for candidate in candidates:
            candidate.close()
