"""The worker as the function sees it: a child process that sends frames, or dies.

Whatever ends it (a signal, a limit, a panic, a frame that makes no sense) rejects the object.
"""

from __future__ import annotations

import json
import logging
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, cast

from raw_to_curated.content import MAX_RATIO
from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.typed_files.frames import FrameReader, damaged
from raw_to_curated.typed_files.limits import CPU_SECONDS, MEMORY_MIB

WAIT_SECONDS = 100
"""For so long the function waits for one object's worker in all: with what is done besides, an
invocation must end before its own timeout."""

_BELIEVED_BYTES = 64 * 1024**2
"""A small file may unpack to so much whatever its ratio."""

_logger = logging.getLogger(__name__)
_WORKER = "raw_to_curated.typed_files.worker"
_BLOCK = 1024 * 1024
_LOGGED_BYTES = 4_000
_LAST_SECONDS = 10
# Enough to find Python, its libraries and /tmp; nothing secret.
_ENVIRONMENT = ("PATH", "LANG", "LD_LIBRARY_PATH", "TMPDIR")


def most_bytes(size: int) -> int:
    """Bytes to which a file of `size` may unpack."""
    return max(MAX_RATIO * size, _BELIEVED_BYTES)


@contextmanager
def worker(task: dict[str, Any], folder: Path, corrupt: ObjectReason) -> Iterator[FrameReader]:
    """Start a worker on a task; it is gone after the `with` block, however that ends.

    `corrupt` is the reason for rejecting a file that it cannot read. What it has to say besides
    rows goes to the log, as it may hold values.
    """
    with (folder / "worker.log").open("w+b") as log:
        child = _Child(task, log.fileno(), corrupt)
        try:
            yield FrameReader(child.read, corrupt)
        finally:
            child.stop()
            log.seek(0)
            if messages := log.read()[-_LOGGED_BYTES:]:
                _logger.warning("worker: %s", messages.decode(errors="replace"))


class _Child:
    def __init__(self, task: dict[str, Any], log: int, corrupt: ObjectReason) -> None:
        self._corrupt = corrupt
        self._patience = float(WAIT_SECONDS)
        environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
        # One thread: the function's own threads have enough to do with what it sends.
        environment |= {"PYTHONPATH": os.pathsep.join(sys.path), "POLARS_MAX_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-B", "-m", _WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment,
            bufsize=0,
        )
        self._pipe = cast(IO[bytes], self._process.stdout)
        # If it is dead already, the pipe tells.
        with suppress(BrokenPipeError), cast(IO[bytes], self._process.stdin) as stdin:
            stdin.write(json.dumps(task).encode())

    def stop(self) -> None:
        """End the process if it still runs."""
        self._process.kill()
        self._process.wait()
        self._pipe.close()

    def read(self, size: int) -> bytes:
        """The next `size` bytes from the pipe. Raises RejectedError."""
        pieces: list[bytes] = []
        while size:
            begin = time.monotonic()
            ready, _, _ = select.select([self._pipe], [], [], max(self._patience, 0))
            self._patience -= time.monotonic() - begin
            if not ready:
                raise self._stopped(f"took more than {WAIT_SECONDS} s")
            piece = os.read(self._pipe.fileno(), min(size, _BLOCK))
            if not piece:
                raise self._death()
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def _death(self) -> RejectedError:
        """Why the pipe ended too early."""
        try:
            code = self._process.wait(_LAST_SECONDS)
        except subprocess.TimeoutExpired:
            return self._stopped("closed its pipe and went on")
        if code == -signal.SIGXCPU:
            return self._stopped(f"took more than {CPU_SECONDS} s of CPU time")
        if code < 0:
            name = signal.Signals(-code).name
            return self._stopped(f"was ended by {name}; it may use {MEMORY_MIB} MiB of memory")
        return damaged(self._corrupt, f"failed, with status {code}")

    def _stopped(self, what: str) -> RejectedError:
        return RejectedError(
            ObjectReason.READER_STOPPED,
            f"The process that read the object {what}. The file is damaged, or too large to be "
            "read at once; write it again, in smaller files.",
        )
