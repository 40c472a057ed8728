"""The shared packages in `libs/`, and which of them a function names in its requirements.in."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

import lockfile
from fleet.errors import FleetError
from fleet.paths import LIBS


@dataclass(frozen=True)
class Library:
    """A package of `libs/`; `folder` holds its pyproject.toml, and `src/` its modules."""

    folder: Path

    @property
    def name(self) -> str:
        """The normalised name, as a list of installed packages shows it."""
        return lockfile.name(self._project["name"])

    @property
    def sources(self) -> Path:
        return self.folder / "src"

    @property
    def dependencies(self) -> list[Requirement]:
        """Packages of the index that it needs."""
        return [Requirement(line) for line in self._project.get("dependencies", [])]

    @property
    def _project(self) -> dict[str, Any]:
        text = (self.folder / "pyproject.toml").read_text(encoding="utf-8")
        project: dict[str, Any] = tomllib.loads(text)["project"]
        return project


def all_libraries(folder: Path = LIBS) -> list[Library]:
    """Every package of `libs/`, by name of its folder."""
    return [Library(path.parent) for path in sorted(folder.glob("*/pyproject.toml"))]


def named_in(source: Path) -> list[Library]:
    """The packages of `libs/` that a `.in` file names, such as `../../libs/datalake`.

    Raises FleetError for a path that is none.
    """
    found = []
    for raw in source.read_text(encoding="utf-8").splitlines():
        line = raw.split("#", 1)[0].strip()
        if not line.startswith("."):
            continue
        folder = (source.parent / line).resolve()
        if not (folder / "pyproject.toml").is_file():
            known = ", ".join(library.folder.name for library in all_libraries())
            raise FleetError(f"{source}: {line} is not a package of libs/, which has: {known}")
        found.append(Library(folder))
    return found
