"""Runs the training and the evaluation of a function's model, which no image holds."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from fleet import libs
from fleet.catalogue import Catalogue
from fleet.cloud import environments
from fleet.cloud.environments import Progress
from fleet.cloud.folders import Folders
from fleet.errors import FleetError
from fleet.paths import ROOT, STATE, TRAINING


def folders(catalogue: Catalogue) -> list[Path]:
    """The folders with the training of a model, in the order of the catalogue."""
    found = (folder_of(catalogue, image) for image in catalogue.images)
    return [folder for folder in found if folder.is_dir()]


def run(
    catalogue: Catalogue, function: str, script: str, arguments: list[str], progress: Progress
) -> int:
    """Run a script of a function's training folder; return its exit code.

    Its environment is made from the lock of that folder. Raises FleetError where the function has
    no such script.
    """
    owner = catalogue.owner_of(function)
    file = folder_of(catalogue, function) / script
    if not file.is_file():
        having = ", ".join(folder.parent.name for folder in folders(catalogue)) or "none"
        raise FleetError(
            f"{owner} has no {file.relative_to(ROOT)}; functions with a model: {having}"
        )
    lock = file.with_name("requirements.txt")
    python = environments.environment(
        Folders(STATE).environments, f"{owner}-training", lock, progress
    )
    return subprocess.run(
        [str(python.path), str(file), *arguments], env=environment(catalogue, function), check=False
    ).returncode


def folder_of(catalogue: Catalogue, function: str) -> Path:
    """The folder of a function's training."""
    return ROOT / catalogue.folder_of(function) / TRAINING


def environment(catalogue: Catalogue, function: str) -> dict[str, str]:
    """The environment variables of a script: modules are found in `src/` and the libs it names."""
    folder = folder_of(catalogue, function)
    sources = [library.sources for library in libs.named_in(folder / "requirements.in")]
    path = os.pathsep.join(map(str, [folder.with_name("src"), *sources]))
    return {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
