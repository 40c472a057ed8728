"""Every module of a function, of a package of `libs/` and of `demo/` has a test file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet import libs
from fleet.catalogue import load
from fleet.paths import CATALOGUE, DEMO, ROOT

FLEET = load(CATALOGUE)
SOURCES = {
    **{owner.replace("-", "_"): ROOT / FLEET.folder_of(owner) / "src" for owner in FLEET.images},
    **{library.folder.name: library.sources for library in libs.all_libraries()},
    **{init.parent.name: DEMO for init in DEMO.glob("*/__init__.py")},
}


@pytest.mark.parametrize("name", SOURCES)
def test_every_module_has_a_test_file(name: str) -> None:
    """`src/<package>/a/b.py` is tested in `tests/unit/<name>/a/test_b.py`, and `src/handler.py` in
    `tests/unit/<name>/test_handler.py`."""
    missing = [
        str(expected.relative_to(ROOT))
        for module in sorted(modules_of(name))
        if module.name != "__init__.py"
        for expected in [ROOT / "tests/unit" / name / expected_at(module)]
        if not expected.is_file()
    ]
    assert missing == [], f"write {', '.join(missing)}"


def modules_of(name: str) -> Iterator[Path]:
    """Modules below the sources: those that are in no package, and those in the package `name`."""
    for path in SOURCES[name].rglob("*.py"):
        module = path.relative_to(SOURCES[name])
        if module.parts[0] in (name, module.name):
            yield module


def expected_at(module: Path) -> Path:
    inside = Path(*module.parts[1:]) if len(module.parts) > 1 else module
    return inside.with_name(f"test_{inside.name}")
