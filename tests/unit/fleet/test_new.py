"""`make new` writes a function that the catalogue accepts, or nothing."""

from pathlib import Path

import pytest

from fleet.catalogue import load
from fleet.errors import FleetError
from fleet.new import create


@pytest.fixture
def root(tmp_path: Path) -> Path:
    first(tmp_path)
    return tmp_path


def first(root: Path) -> None:
    """A catalogue needs a function to begin with."""
    (root / "functions.yaml").write_text(
        "project: shop\nfunctions:\n  first:\n    folder: a/first\n    description: First\n"
        "    handler: handler.lambda_handler\n    memory_mb: 128\n    timeout_s: 3\n"
        "    budgets: {image_mb: 1, init_ms: 1}\n"
        "\n# What comes after the functions stays there.\nauthorizer: first\n"
    )
    (root / "a/first/src").mkdir(parents=True)
    for name in ("Dockerfile", "requirements.in", "src/handler.py"):
        (root / "a/first" / name).touch()


def new(root: Path, name: str, kind: str) -> list[Path]:
    file = root / "functions.yaml"
    return create(load(file), name, kind, root, file)


def test_two_functions_of_each_kind(root):
    for name, kind in [("one", "api"), ("two", "pipeline"), ("three", "pipeline"), ("four", "api")]:
        new(root, name, kind)

    catalogue = load(root / "functions.yaml")
    assert list(catalogue.functions) == ["first", "one", "two", "three", "four"]
    assert set(catalogue.queues) == {"two", "three"}
    assert catalogue.functions["two"].folder == "lambda-functions/two"


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("Bad_Name", "api", "words joined by hyphens"),
        ("../up", "api", "words joined by hyphens"),
        ("good", "service", "allowed: api, pipeline"),
        ("first", "api", "has first already"),
        ("taken", "api", "exists already"),
    ],
)
def test_refuses_and_writes_nothing(root, name, kind, message):
    (root / "ai-systems/taken").mkdir(parents=True)
    before = sorted(root.rglob("*")), (root / "functions.yaml").read_text()

    with pytest.raises(FleetError, match=message):
        new(root, name, kind)

    assert (sorted(root.rglob("*")), (root / "functions.yaml").read_text()) == before
