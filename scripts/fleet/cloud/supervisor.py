"""The process behind the Docker-free local cloud: the endpoint, the dispatcher, the workers.

`python -m fleet.cloud.supervisor FOLDER` runs until SIGTERM or SIGINT, or until the endpoint ends.
It forks first: the parent stays behind as the guard, which ends whatever the supervisor leaves
if it is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
from aiohttp import web

from fleet.cloud import dispatcher, ports
from fleet.cloud.folders import Folders, State, try_lock, write_state
from fleet.cloud.processes import Child, Family, adopt_orphans, die_with_parent, end_orphans
from fleet.cloud.settings import Settings
from fleet.cloud.workers import Pool

# The endpoint writes its state on SIGTERM.
GRACE_S = 10.0
HEALTH = "/_ministack/health"
PROXY_VARIABLE = "MINISTACK_LAMBDA_PROXY_"
SWEEP_S = 30.0


def main(base: str) -> int:
    """Guard the supervisor; return the process's exit status."""
    folders = Folders(Path(base))
    # A glance at the lock by another command may hold it for an instant.
    deadline = time.monotonic() + 1.0
    while (lock := try_lock(folders.lock)) is None:
        if time.monotonic() > deadline:
            sys.exit("another local cloud uses this folder; make down stops it")
        time.sleep(0.02)
    adopt_orphans()
    guard = os.getpid()
    supervisor = os.fork()
    if supervisor == 0:
        die_with_parent(guard, signal.SIGTERM)
        adopt_orphans()
        asyncio.run(Supervisor(folders, guard).run())
        return 0
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _tell(supervisor))
    _, status = os.waitpid(supervisor, 0)
    end_orphans(grace_s=GRACE_S)
    folders.state.unlink(missing_ok=True)
    os.close(lock)
    return abs(os.waitstatus_to_exitcode(status))


def _tell(supervisor: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(supervisor, signal.SIGTERM)


class Supervisor:
    """Starts everything in order, waits, and stops it in the opposite order."""

    def __init__(self, folders: Folders, guard: int) -> None:
        self._folders = folders
        self._guard = guard
        self._settings = Settings.read(folders.supervisor)
        self._family = Family()
        self._stop = asyncio.Event()
        # The endpoint's health names it, so that no other server on the port is taken for ours.
        self._token = secrets.token_hex(8)

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        shutil.rmtree(self._folders.temporary, ignore_errors=True)
        self._folders.temporary.mkdir(parents=True)
        self._folders.logs.mkdir(parents=True, exist_ok=True)
        # The stack unwinds in reverse order: the endpoint stops before the functions, so it does
        # not see them fail.
        async with AsyncExitStack() as stack:
            stack.callback(end_orphans)
            connector = aiohttp.TCPConnector(limit=0, force_close=True)
            http = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
            pools = {
                function.resource: Pool(
                    function,
                    emulator=self._settings.emulator,
                    size=self._settings.pool_size,
                    folders=self._folders,
                    http=http,
                    family=self._family,
                )
                for function in self._settings.functions
            }
            runner = web.AppRunner(dispatcher.application(pools), access_log=None)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            for pool in pools.values():
                stack.push_async_callback(pool.stop)
            await web.TCPSite(runner, ports.HOST, 0).start()
            dispatcher_port: int = runner.addresses[0][1]
            ministack = self._start_ministack(dispatcher_port)
            stack.push_async_callback(ministack.stop, grace_s=GRACE_S)
            stack.callback(self._folders.state.unlink, missing_ok=True)
            await self._until_healthy(http, ministack)
            self._record(ministack, dispatcher_port)
            while await self._continues(ministack, SWEEP_S):
                for pool in pools.values():
                    await pool.end_idle()

    @property
    def _endpoint(self) -> str:
        return f"http://{ports.HOST}:{self._settings.port}"

    async def _continues(self, ministack: Child, seconds: float) -> bool:
        """Wait; False as soon as a signal asks to stop or the endpoint has ended."""
        ends = [asyncio.ensure_future(e.wait()) for e in (self._stop, ministack.exited)]
        done, pending = await asyncio.wait(
            ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
        for task in pending:
            task.cancel()
        if not ministack.running and not self._stop.is_set():
            sys.stderr.write("the AWS endpoint has ended; its log says why\n")
        return not done

    async def _until_healthy(self, http: aiohttp.ClientSession, ministack: Child) -> None:
        limit = aiohttp.ClientTimeout(total=2)
        while await self._continues(ministack, 0.02):
            with contextlib.suppress(aiohttp.ClientError, TimeoutError, UnicodeDecodeError):
                async with http.get(self._endpoint + HEALTH, timeout=limit) as answer:
                    if self._token in await answer.text():
                        return

    def _record(self, ministack: Child, dispatcher_port: int) -> None:
        """Say where everything is, which also says that it is ready."""
        state = State(
            mode="process",
            endpoint=self._endpoint,
            project=self._settings.project,
            api_id=self._settings.api_id,
            pids={"guard": self._guard, "supervisor": os.getpid(), "ministack": ministack.pid},
            ports={"endpoint": self._settings.port, "dispatcher": dispatcher_port},
        )
        if not self._stop.is_set() and ministack.running:
            write_state(self._folders, state)

    def _start_ministack(self, dispatcher_port: int) -> Child:
        data = self._folders.data
        data.mkdir(parents=True, exist_ok=True)
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": str(self._folders.temporary),
            "TMPDIR": str(self._folders.temporary),
            "GATEWAY_PORT": str(self._settings.port),
            "BIND_HOST": ports.HOST,
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(data / "s3"),
            "PERSIST_STATE": "1",
            "STATE_DIR": str(data / "state"),
            "MINISTACK_EDITION": self._token,
            # Given to the process, not to the functions, as the port changes with every start.
            **{
                PROXY_VARIABLE + f.resource: (
                    f"http://{ports.HOST}:{dispatcher_port}/functions/{f.resource}"
                )
                for f in self._settings.functions
            },
        }
        with self._folders.log("ministack").open("ab") as output:
            return self._family.spawn(
                [self._settings.ministack, "-m", "ministack"],
                cwd=data,
                environment=environment,
                output=output,
                death_signal=signal.SIGTERM,
            )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
