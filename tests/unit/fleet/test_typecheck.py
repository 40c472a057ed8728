"""Functions whose modules have one name are all checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet import typecheck
from fleet.catalogue import Catalogue
from fleet.errors import FleetError

FUNCTION = {
    "description": "A function",
    "handler": "handler.lambda_handler",
    "memory_mb": 256,
    "timeout_s": 5,
    "budgets": {"image_mb": 1, "init_ms": 1},
}
CATALOGUE = Catalogue.model_validate(
    {
        "project": "shop",
        "functions": {name: FUNCTION | {"folder": f"apis/{name}"} for name in ("judge", "reader")},
    }
)


def write(root: Path, name: str, text: str, file: str = "src/handler.py") -> None:
    path = root / "apis" / name / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(typecheck, "ROOT", tmp_path)
    write(tmp_path, "judge", "count: int = 1\n")
    write(tmp_path, "reader", "count: str = ''\n")
    return tmp_path


def test_what_is_right_is_quiet(root: Path) -> None:
    typecheck.typecheck(CATALOGUE)


def test_every_function_with_an_error_is_named(root: Path) -> None:
    write(root, "judge", "count: int = ''\n")
    write(root, "reader", "count: str = 1\n")

    with pytest.raises(FleetError) as error:
        typecheck.typecheck(CATALOGUE)

    assert str(error.value).count("src/handler.py:1: error: Incompatible types") == 2
    assert all(f"{name}:\n" in str(error.value) for name in CATALOGUE.functions)


def test_training_is_checked_with_the_sources_that_it_imports(root: Path) -> None:
    write(root, "judge", "from handler import count\n\ntotal: int = count\n", "training/train.py")
    typecheck.typecheck(CATALOGUE)
    write(root, "judge", "from handler import count\n\ntotal: str = count\n", "training/train.py")

    with pytest.raises(FleetError, match=r"training/train\.py:3: error: Incompatible types"):
        typecheck.typecheck(CATALOGUE)
