"""Copies of this checkout, for tests that change it."""

import shutil
import subprocess
from pathlib import Path

from fleet.paths import ROOT


def copy_checkout(target: Path) -> Path:
    """Copy what git tracks or would, uncommitted changes included."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout
    for name in listed.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target
