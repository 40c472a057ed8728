"""A pool of workers per function, each one runtime interface emulator with the runtime client.

As in Lambda, a worker handles one event at a time and keeps its memory between them; events above
the pool's size wait. Memory limits and CPU shares are not emulated in this mode, and the time to
initialise counts towards the timeout of a worker's first event, as in the emulator: `make smoke`
checks images under Lambda's limits.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import shutil
import time
from collections.abc import Iterable
from pathlib import Path

import aiohttp

from fleet.cloud import ports
from fleet.cloud.folders import Folders
from fleet.cloud.outcome import TIMED_OUT, Outcome, classify, failure
from fleet.cloud.processes import Child, Family
from fleet.cloud.settings import FunctionSettings
from fleet.errors import FleetError

READY_S = 10.0
# What the emulator needs on top of a function's timeout to say that it timed out.
OVERTIME_S = 5.0
IDLE_S = 300.0
INVOKE = "/2015-03-31/functions/function/invocations"


class Worker:
    """One emulator process and the runtime client in it."""

    def __init__(self, child: Child, port: int, temporary: Path, sources: int) -> None:
        self.child = child
        self.sources = sources
        self.idle_since = 0.0
        self._url = f"http://{ports.HOST}:{port}{INVOKE}"
        self._temporary = temporary

    async def invoke(
        self, http: aiohttp.ClientSession, payload: bytes, request_id: str, timeout_s: int
    ) -> Outcome:
        """Hand over one event; what goes wrong is an outcome, not an exception."""
        limit = aiohttp.ClientTimeout(total=timeout_s + OVERTIME_S)
        headers = {"X-Amzn-RequestId": request_id}
        try:
            async with http.post(self._url, data=payload, headers=headers, timeout=limit) as answer:
                return classify(answer.status, await answer.read(), request_id)
        except TimeoutError:
            message = f"Task timed out after {timeout_s}.00 seconds"
            return failure(TIMED_OUT, message, reusable=False)
        except aiohttp.ClientError as error:
            message = f"the worker ended during the invocation: {error}"
            return failure("Runtime.ExitError", message, reusable=False)

    async def stop(self) -> None:
        """End the worker at once; its runtime is adopted and ended by the supervisor."""
        await self.child.stop()
        shutil.rmtree(self._temporary, ignore_errors=True)


class Pool:
    """The workers of one function, started when events need them."""

    def __init__(
        self,
        function: FunctionSettings,
        *,
        emulator: str,
        size: int,
        folders: Folders,
        http: aiohttp.ClientSession,
        family: Family,
    ) -> None:
        self.function = function
        self.workers: set[Worker] = set()
        self._emulator = emulator
        self._folders = folders
        self._http = http
        self._family = family
        self._slots = asyncio.Semaphore(size)
        self._idle: list[Worker] = []
        self._numbers = itertools.count(1)

    async def invoke(self, payload: bytes, request_id: str) -> Outcome:
        """Run one event on a worker, as soon as one is free or may be started."""
        async with self._slots:
            try:
                worker = await self._take()
            except FleetError as error:
                return failure("Runtime.InitError", str(error), reusable=False)
            outcome = await worker.invoke(self._http, payload, request_id, self.function.timeout_s)
            if outcome.reusable:
                worker.idle_since = time.monotonic()
                self._idle.append(worker)
            else:
                await self._discard(worker)
            return outcome

    async def _take(self) -> Worker:
        """The worker that was last at work, if it lives and its code is current, or a new one."""
        sources = fingerprint(self.function.sources)
        while self._idle:
            worker = self._idle.pop()
            if worker.child.running and worker.sources == sources:
                return worker
            await self._discard(worker)
        return await self._start(sources)

    async def end_idle(self) -> None:
        """End the workers that have had nothing to do for a while, as Lambda does."""
        limit = time.monotonic() - IDLE_S
        for worker in [w for w in self._idle if w.idle_since < limit]:
            self._idle.remove(worker)
            await self._discard(worker)

    async def stop(self) -> None:
        """End all workers."""
        await asyncio.gather(*(self._discard(worker) for worker in list(self.workers)))

    async def _discard(self, worker: Worker) -> None:
        await worker.stop()
        self.workers.discard(worker)

    async def _start(self, sources: int) -> Worker:
        """Start a worker; raises FleetError if it does not listen in time.

        Between finding a free port and listening on it another process may take it, hence more
        than one try.
        """
        for _ in range(3):
            try:
                worker, port = self._spawn(sources)
            except OSError as error:
                raise FleetError(f"{self.function.name} does not start: {error}") from error
            if await _listens(worker.child, port):
                self.workers.add(worker)
                return worker
            await worker.stop()
        raise FleetError(f"{self.function.name} does not start; its log says why: make logs")

    def _spawn(self, sources: int) -> tuple[Worker, int]:
        name = self.function.name
        temporary = self._folders.temporary / f"{name}-{next(self._numbers)}"
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        port, runtime_port = ports.free(2)
        environment = {
            **self.function.environment,
            "TMPDIR": str(temporary),
            # Nothing of the developer's own configuration reaches the function.
            "HOME": str(temporary),
        }
        command = [
            self._emulator,
            *("--log-level", "warn"),
            *("--runtime-interface-emulator-address", f"{ports.HOST}:{port}"),
            *("--runtime-api-address", f"{ports.HOST}:{runtime_port}"),
            *self.function.command,
        ]
        with self._folders.log(name).open("ab") as output:
            child = self._family.spawn(
                command,
                cwd=Path(self.function.task_root),
                environment=environment,
                output=output,
            )
        return Worker(child, port, temporary, sources), port


async def _listens(child: Child, port: int) -> bool:
    """Wait until the child accepts connections; False if it ended or took too long."""
    deadline = time.monotonic() + READY_S
    while child.running and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(ports.HOST, port)
            writer.close()
            return True
        await asyncio.sleep(0.005)
    return False


def fingerprint(folders: Iterable[str]) -> int:
    """A number that changes when a source file does: editing needs no restart."""
    seen = []
    for folder in folders:
        for parent, directories, files in os.walk(folder):
            directories[:] = [name for name in directories if name != "__pycache__"]
            for name in files:
                path = Path(parent, name)
                with contextlib.suppress(OSError):
                    seen.append((str(path), path.stat().st_mtime_ns))
    return hash(tuple(sorted(seen)))
