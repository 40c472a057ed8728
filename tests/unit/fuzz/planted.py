"""Targets with one defect each, for tests of the fuzzer itself."""

from __future__ import annotations

import ctypes
import threading

from fuzz.targets import Target
from fuzz.worker import serve


class PanicError(BaseException):
    """As the panic of a Rust library, no Exception."""


def fine(data: bytes) -> None:
    """Prints, as a library may."""
    print(data)


def fails(data: bytes) -> None:
    raise ValueError(data.decode())


def panics(data: bytes) -> None:
    raise PanicError(data.decode())


def dies(data: bytes) -> None:
    ctypes.string_at(0)


def hangs(data: bytes) -> None:
    threading.Event().wait()


if __name__ == "__main__":
    serve(
        {run.__name__: Target(run, {}, run.__name__) for run in (fine, fails, panics, dies, hangs)}
    )
