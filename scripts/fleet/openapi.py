"""The OpenAPI document of a function, generated from the routes in its code."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from fleet.catalogue import Catalogue
from fleet.errors import FleetError
from fleet.libs import all_libraries
from fleet.paths import ROOT


def with_routes(catalogue: Catalogue) -> list[str]:
    """The functions that answer HTTP requests."""
    return [
        name
        for name, function in catalogue.functions.items()
        if any(trigger.type == "http" for trigger in function.triggers)
    ]


def path(catalogue: Catalogue, name: str) -> Path:
    """Where a function's document lies."""
    return ROOT / catalogue.folder_of(name) / "openapi.json"


def document(catalogue: Catalogue, name: str) -> str:
    """The document of a function as JSON.

    A process of its own imports the handler, because several functions have modules of one name.
    Raises FleetError with what that process said.
    """
    function = catalogue.functions[name]
    sources = [ROOT / catalogue.folder_of(name) / "src", *(one.sources for one in all_libraries())]
    module = function.handler.split(".")[0]
    run = subprocess.run(
        [sys.executable, "-m", "lambda_app.openapi", module],
        env={
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": os.pathsep.join(map(str, sources)),
            "POWERTOOLS_TRACE_DISABLED": "true",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise FleetError(f"{name}: no OpenAPI document of module {module}:\n{run.stderr.strip()}")
    return run.stdout


def write(catalogue: Catalogue, names: Iterable[str]) -> list[Path]:
    """Write the documents of functions; return those that changed."""
    changed = []
    for name in names:
        text = document(catalogue, name)
        target = path(catalogue, name)
        if not target.exists() or target.read_text() != text:
            target.write_text(text)
            changed.append(target)
    return changed
