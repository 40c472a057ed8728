"""What names folders of functions by a pattern finds each of them, one level deep or two."""

from __future__ import annotations

import subprocess
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from fleet.catalogue import load
from fleet.paths import CATALOGUE, ROOT

FOLDERS = sorted({str(f.folder) for f in load(CATALOGUE).functions.values() if f.folder})
ANY = [*FOLDERS, "chat", "group/function"]


def admitted(path: str) -> bool:
    """Whether a line of .dockerignore admits a path; `*` does not stand for a slash."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    return any(
        line.count("/") == path.count("/") and fnmatchcase(path, line[1:])
        for line in lines
        if line.startswith("!")
    )


@pytest.mark.parametrize("folder", ANY)
def test_sources_and_lock_are_in_the_build_context(folder: str) -> None:
    assert admitted(f"{folder}/src")
    assert admitted(f"{folder}/requirements.txt")
    assert not admitted(f"{folder}/training")


def test_the_virtual_environment_of_tests_has_the_locks_of_exactly_the_functions() -> None:
    done = subprocess.run(
        [
            "make",
            "--silent",
            "--no-print-directory",
            "--eval=print: ; @echo $(FUNCTION_LOCKS)",
            "print",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert sorted(done.stdout.split()) == [f"{folder}/requirements.txt" for folder in FOLDERS]


@pytest.mark.parametrize("folder", ANY)
def test_ruff_knows_the_sources_as_first_party(folder: str) -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]

    assert any(Path(folder, "src").match(pattern) for pattern in settings["src"])
