"""Functions name the packages of `libs/` that they import, and the tools know every package."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from fleet import libs
from fleet.catalogue import load
from fleet.libs import Library
from fleet.paths import CATALOGUE, ROOT

LIBRARIES = {library.folder.name: library for library in libs.all_libraries()}
FLEET = load(CATALOGUE)
FOLDERS = sorted(map(FLEET.folder_of, FLEET.images))


def imported(file: Path) -> Iterator[str]:
    """Every module, or attribute of one, that a file imports by its full name."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            assert node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def files_of(name: str, libraries: dict[str, Library]) -> set[Path]:
    """The files of a library that importing `name` runs."""
    top, *rest = name.split(".")
    path = libraries[top].sources / top
    found = {path / "__init__.py"}
    for part in rest:
        path = path / part
        found |= {path.with_suffix(".py"), path / "__init__.py"}
    return {file for file in found if file.is_file()}


def needed(files: Iterable[Path], libraries: dict[str, Library]) -> set[str]:
    """The libraries that files import, themselves or through modules of other libraries."""
    seen: set[Path] = set()
    used: set[str] = set()
    todo = set(files)
    while todo:
        file = todo.pop()
        seen.add(file)
        for name in imported(file):
            if (top := name.split(".")[0]) in libraries:
                used.add(top)
                todo |= files_of(name, libraries) - seen
    return used


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_function_names_the_libraries_that_it_imports(folder: str) -> None:
    named = {library.folder.name for library in libs.named_in(ROOT / folder / "requirements.in")}

    assert named == needed((ROOT / folder / "src").rglob("*.py"), LIBRARIES)


def test_what_a_library_imports_of_another_is_needed(tmp_path: Path) -> None:
    for name, text in (("a", "from b import inner\n"), ("b", ""), ("c", "")):
        package = tmp_path / "libs" / name / "src" / name
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("")
        (package / "inner.py").write_text(text)
    (tmp_path / "libs/b/src/b/inner.py").write_text("import c\n")
    (tmp_path / "handler.py").write_text("import os\nfrom a.inner import anything\n")
    (tmp_path / "frugal.py").write_text("import a\n")
    libraries = {name: Library(tmp_path / "libs" / name) for name in "abc"}

    assert needed([tmp_path / "handler.py"], libraries) == {"a", "b", "c"}
    assert needed([tmp_path / "frugal.py"], libraries) == {"a"}


def test_the_tools_know_every_library() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    sources = {str(library.sources.relative_to(ROOT)) for library in LIBRARIES.values()}

    assert set(tools["mypy"]["mypy_path"].split(":")) == {"scripts", "images", "demo", *sources}
    assert set(tools["pytest"]["ini_options"]["pythonpath"]) == {
        "scripts", "images", "demo", "tests", *sources
    }  # fmt: skip
