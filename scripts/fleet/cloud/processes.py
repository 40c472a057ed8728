"""Child processes of the supervisor that cannot outlive it, whatever ends it (Linux only).

Three nets, as each has holes: every child asks the kernel for a signal when its parent dies; the
supervisor adopts orphaned grandchildren (a "subreaper"), so none escapes by losing its parent; and
a guard, the supervisor's own parent, does the same for the supervisor.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Collection
from pathlib import Path
from typing import IO

from fleet.errors import FleetError

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

# Loaded once, before any fork: between fork and exec only the call itself is left to do.
_libc = ctypes.CDLL(None, use_errno=True)


def require_linux() -> None:
    """Raise FleetError where the runtime interface emulator cannot run."""
    if sys.platform != "linux":
        raise FleetError(
            "the Docker-free local cloud needs Linux, as the runtime interface emulator is a "
            "Linux program; use Docker: make up MODE=docker"
        )


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent dies."""
    if _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def die_with_parent(parent: int, death_signal: int) -> None:
    """Get `death_signal` when the parent dies; call it in the child, with the parent's pid.

    The kernel watches the thread that forked, so fork from a thread that lives as long as the
    process does: here, always the main one.
    """
    _libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent:  # it died before the call
        os._exit(1)


class Child:
    """A running child; `exited` is set once it has ended and been waited for."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.pid = process.pid
        self.exited = asyncio.Event()
        self._process = process

    @property
    def running(self) -> bool:
        return not self.exited.is_set()

    async def stop(self, *, grace_s: float = 0.0) -> None:
        """End the child: SIGTERM with `grace_s` seconds to obey, then SIGKILL."""
        if grace_s and self.running:
            self._process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.exited.wait(), grace_s)
        if self.running:
            self._process.kill()
        await self.exited.wait()


class Family:
    """The children of this process; what a child leaves behind ends when the child does."""

    def __init__(self) -> None:
        self._children: dict[int, Child] = {}

    def spawn(
        self,
        command: list[str],
        *,
        cwd: Path,
        environment: dict[str, str],
        output: IO[bytes],
        death_signal: int = signal.SIGKILL,
    ) -> Child:
        """Start a child in a session of its own; raises OSError if it cannot be started."""
        parent = os.getpid()
        # preexec_fn is safe, as the supervisor has no other thread.
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: die_with_parent(parent, death_signal),
        )
        child = self._children[process.pid] = Child(process)
        pidfd = os.pidfd_open(process.pid)
        asyncio.get_running_loop().add_reader(pidfd, self._ended, child, process, pidfd)
        return child

    def _ended(self, child: Child, process: subprocess.Popen[bytes], pidfd: int) -> None:
        asyncio.get_running_loop().remove_reader(pidfd)
        os.close(pidfd)
        process.wait()
        del self._children[child.pid]
        end_orphans(keep=self._children)
        child.exited.set()


def end_orphans(keep: Collection[int] = (), *, grace_s: float = 0.0) -> None:
    """End this process's children but those in `keep`, and theirs, as they are adopted in turn.

    SIGTERM with `grace_s` seconds to obey, if that is not 0; then SIGKILL until none is left.
    """
    deadline = time.monotonic() + grace_s
    told: set[int] = set()
    while orphans := children_of(os.getpid()) - set(keep):
        late = time.monotonic() >= deadline
        for pid in orphans:
            if late or pid not in told:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL if late else signal.SIGTERM)
                told.add(pid)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0 if late else os.WNOHANG)
        if not late:
            time.sleep(0.02)


def children_of(parent: int) -> set[int]:
    """The direct children of a process, dead but unwaited ones included."""
    return {pid for pid, its_parent in _parents() if its_parent == parent}


def descendants_of(ancestor: int) -> set[int]:
    """The children of a process, their children, and so on."""
    parents = dict(_parents())
    found: set[int] = set()
    fresh = {ancestor}
    while fresh:
        fresh = {pid for pid, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return found


def _parents() -> list[tuple[int, int]]:
    """(pid, pid of its parent) of every process."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            # A process may end while it is looked at.
            with contextlib.suppress(OSError):
                # "pid (any name) state ppid ...": the name may hold spaces and parentheses.
                after_name = (entry / "stat").read_text().rpartition(")")[2]
                found.append((int(entry.name), int(after_name.split()[1])))
    return found
