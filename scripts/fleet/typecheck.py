"""Checks the types of functions, each image in a mypy run of its own.

Several functions have a module of one name, such as `handler`, which one run cannot tell apart.
The settings are those of pyproject.toml; a cache of its own keeps each run quick.
"""

from __future__ import annotations

import os
import subprocess
import sys

from fleet.catalogue import Catalogue
from fleet.errors import FleetError
from fleet.paths import ROOT

PARTS = ("src", "training")


def typecheck(catalogue: Catalogue) -> None:
    """Raise FleetError with what mypy finds in the sources of all images, and in what trains their
    models."""
    found = []
    for name in catalogue.images:
        folder = catalogue.folder_of(name)
        sources = [f"{folder}/{part}" for part in PARTS if (ROOT / folder / part).is_dir()]
        done = subprocess.run(
            [sys.executable, "-m", "mypy", "--cache-dir", f".mypy_cache/{name}", *sources],
            cwd=ROOT,
            env={**os.environ, "MYPYPATH": os.pathsep.join(sources)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            found.append(f"{name}:\n{done.stdout}{done.stderr}".rstrip())
    if found:
        raise FleetError("\n".join(found))
