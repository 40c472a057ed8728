"""Every module of a function, of a package of `libs/` and of the made-up shop has a test file."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet import libs
from fleet.catalogue import load
from fleet.paths import CATALOGUE, ROOT

FLEET = load(CATALOGUE)
SOURCES = {
    **{owner.replace("-", "_"): ROOT / FLEET.folder_of(owner) / "src" for owner in FLEET.images},
    **{library.folder.name: library.sources for library in libs.all_libraries()},
    "shop": ROOT / "demo",
}


@pytest.mark.parametrize("name", SOURCES)
def test_every_module_has_a_test_file(name: str) -> None:
    """`src/<package>/a/b.py` is tested in `tests/unit/<name>/a/test_b.py`, and `src/handler.py` in
    `tests/unit/<name>/test_handler.py`."""
    missing = [
        str(expected.relative_to(ROOT))
        for module in sorted(SOURCES[name].rglob("*.py"))
        if module.name != "__init__.py"
        for expected in [
            ROOT / "tests/unit" / name / expected_at(module.relative_to(SOURCES[name]))
        ]
        if not expected.is_file()
    ]
    assert missing == [], f"write {', '.join(missing)}"


def expected_at(module: Path) -> Path:
    inside = Path(*module.parts[1:]) if len(module.parts) > 1 else module
    return inside.with_name(f"test_{inside.name}")
