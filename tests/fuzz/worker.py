"""Runs inputs one after the other in a process of its own, so that its death tells of one input."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fuzz.targets import Target
from lambda_app.observability import metrics


@dataclass(frozen=True)
class Failure:
    """What went wrong with an input; `kind` is equal for failures that look like one defect."""

    kind: str
    details: str


class Worker:
    """The parent's side. `module` is run with -m and calls `serve`."""

    def __init__(self, module: str, timeout_s: float) -> None:
        self._module = module
        self._timeout_s = timeout_s
        self._process: subprocess.Popen[str] | None = None
        self._input = Path(tempfile.mkdtemp(prefix="fuzz-")) / "input"

    def run(self, target: str, data: bytes) -> Failure | None:
        """Run one input; None if all is well."""
        process = self._running()
        assert process.stdin
        assert process.stdout
        self._input.write_bytes(data)
        print(json.dumps([target, str(self._input)]), file=process.stdin, flush=True)
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            if not selector.select(self._timeout_s):
                self.stop()
                return Failure("hang", f"no outcome after {self._timeout_s:g} s")
        line = process.stdout.readline()
        if not line:
            return Failure("death", self._end(process))
        answer = json.loads(line)
        return Failure(**answer) if answer else None

    def stop(self) -> None:
        """End the process with all that it started."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            )
        return self._process

    def _end(self, process: subprocess.Popen[str]) -> str:
        status = process.wait()
        self._process = None
        return (
            f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
        )


def serve(targets: Mapping[str, Target]) -> None:
    """The worker's side: a line of JSON for each line on standard input."""
    # Whatever a target prints would be taken for an answer.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        name, path = json.loads(line)
        print(
            json.dumps(_outcome(targets[name], Path(path).read_bytes())), file=answers, flush=True
        )


def _outcome(target: Target, data: bytes) -> dict[str, str] | None:
    try:
        target.run(data)
    except (KeyboardInterrupt, SystemExit):
        raise
    # Panics of Rust libraries are no Exception.
    except BaseException as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        return {
            "kind": f"{type(error).__name__} in {Path(frame.filename).name}:{frame.name}",
            "details": "".join(traceback.format_exception(error, limit=-12)),
        }
    finally:
        # An input is an invocation, after which a function's handler flushes its metrics.
        metrics.clear_metrics()
    return None


if __name__ == "__main__":
    from fuzz.targets import targets

    serve(targets())
