"""`make bench` finds what every benchmark imports, and says what data it lacks."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from fleet.paths import ROOT

BENCHMARKS = sorted(path.parent.name for path in ROOT.glob("benchmarks/*/run.py"))


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_without_data_says_what_to_do(name: str, tmp_path: Path) -> None:
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
    done = subprocess.run(
        [sys.executable, script],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": path.removeprefix("PYTHONPATH="),
            "FLEET_DATA_DIR": str(tmp_path),
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "make data" in done.stderr
    assert "Traceback" not in done.stderr
