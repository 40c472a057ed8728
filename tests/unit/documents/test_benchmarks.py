"""`make bench` finds what every benchmark imports, and a shop replaces data that is not here."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fleet.paths import ROOT

READ_DATA = sorted(
    path.parent.name for path in ROOT.glob("benchmarks/*/run.py") if "stand_ins" in path.read_text()
)


@pytest.mark.parametrize("name", READ_DATA)
def test_a_benchmark_says_first_which_data_it_reads(name: str, tmp_path: Path) -> None:
    # Read from make, not run by it: make would install what only measuring needs.
    recipe = subprocess.run(
        ["make", "--dry-run", "bench", f"BENCH={name}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    command = next(line for line in recipe.stdout.splitlines() if "/run.py" in line)
    path, _, script = shlex.split(command)
    with subprocess.Popen(
        [sys.executable, script],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": path.removeprefix("PYTHONPATH="),
            "FLEET_DATA_DIR": str(tmp_path),
            "FLEET_STATE_DIR": str(tmp_path),
            # It does not tidy up when killed.
            "TMPDIR": str(tmp_path),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        first = running.stdout.readline()
        os.killpg(running.pid, signal.SIGKILL)
        errors = running.stderr.read()
    assert first.startswith("A made-up shop, "), errors
    assert "in place of " in first
