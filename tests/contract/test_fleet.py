"""The `fleet` command line knows nothing of the application that it builds, runs and releases."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.catalogue import load
from fleet.libs import all_libraries
from fleet.paths import CATALOGUE, DEMO, ROOT

MODULES = sorted((ROOT / "scripts/fleet").rglob("*.py"))
FILES = sorted((ROOT / "scripts/fleet").rglob("*.yaml"))
FLEET = load(CATALOGUE)
PACKAGES = {
    *(library.folder.name for library in all_libraries()),
    *(init.parent.name for init in DEMO.glob("*/__init__.py")),
    *(name.replace("-", "_") for name in FLEET.images),
}
NAMES = {*FLEET.functions, "online-retail", "online_retail", "card-transactions", "superstore"}


def imported(code: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def texts(code: str) -> Iterator[str]:
    """The texts in code; examples in docstrings do not count."""
    tree = ast.parse(code)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in docstrings:
            yield str(node.value)


def knowledge(code: str) -> set[str]:
    named = {name for text in texts(code) for name in NAMES if name in text}
    return named | PACKAGES & set(imported(code))


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(ROOT / "scripts")))
def test_a_module_knows_nothing_of_the_application(module: Path) -> None:
    assert knowledge(module.read_text()) == set()


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(ROOT / "scripts")))
def test_nor_does_a_file_of_data(file: Path) -> None:
    text = file.read_text()
    assert {name for name in NAMES if name in text} == set()


@pytest.mark.parametrize(
    "code",
    [
        "from datalake import layout",
        "def f():\n    import raw_to_curated.curate",
        "from shop.files import files",
        'raise ValueError("see make logs FUNCTION=raw-to-curated")',
        'key = f"online-retail/{name}.csv"',
    ],
)
def test_knowledge_is_found(code: str) -> None:
    assert len(knowledge(code)) == 1


def test_an_example_is_allowed() -> None:
    assert knowledge('def f():\n    """Of `raw-to-curated`."""') == set()
