"""`make new` writes a function that the catalogue accepts, or nothing."""

import shutil
from pathlib import Path

import pytest

from fleet import new
from fleet.catalogue import load
from fleet.errors import FleetError
from fleet.paths import IMAGES, LIBS
from fleet.undo import undone_on_failure

KINDS = sorted(new.GROUPS)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout as far as `write` reads it; the catalogue has a function to begin with."""
    (tmp_path / "functions.yaml").write_text(
        "project: shop\nbuckets: {curated: c, prod: p, insights: i}\nfunctions:\n"
        "  first:\n    folder: a/first\n    description: First\n"
        "    handler: handler.lambda_handler\n    memory_mb: 128\n    timeout_s: 3\n"
        "    budgets: {image_mb: 1, init_ms: 1}\n"
        "\n# What comes after the functions stays there.\nstate_machines: {}\n"
    )
    (tmp_path / "a/first/src").mkdir(parents=True)
    for name in ("Dockerfile", "requirements.in", "src/handler.py"):
        (tmp_path / "a/first" / name).touch()
    shutil.copytree(LIBS, tmp_path / "libs")
    shutil.copytree(IMAGES, tmp_path / "images")
    return tmp_path


def write(root: Path, name: str, kind: str, folder: str = "") -> None:
    file = root / "functions.yaml"
    with undone_on_failure() as changes:
        new.write(changes, load(file), name, kind, folder, root, file)


def files(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("kind", KINDS)
def test_two_functions_of_a_kind(root, kind):
    write(root, "one", kind)
    write(root, "two", kind, "chat")

    catalogue = load(root / "functions.yaml")
    assert catalogue.images == ["first", "one", "two"]
    assert catalogue.folder_of("one") == f"{new.GROUPS[kind]}/one"
    assert catalogue.folder_of("two") == "chat"
    assert all(function.memory_mb <= 3008 for function in catalogue.functions.values())


def test_an_ai_system_is_an_api_and_a_batch_of_one_image(root):
    write(root, "watch", "ai")

    catalogue = load(root / "functions.yaml")
    assert catalogue.functions_of("watch") == ["watch", "watch-batch"]
    assert (root / "ai-systems/watch/training/requirements.in").is_file()


@pytest.mark.parametrize("kind", KINDS)
def test_no_placeholder_is_left(root, kind):
    before = files(root)

    write(root, "one", kind)

    for path, content in files(root).items():
        if path not in before:
            assert b"@NAME@" not in content, path
            assert not any(mark in str(path) for mark in ("@", ".template")), path


@pytest.mark.parametrize("kind", KINDS)
def test_routes_are_open_only_until_there_is_an_authorizer(root, kind):
    write(root, "before", kind)
    file = root / "functions.yaml"
    file.write_text(file.read_text() + "authorizer: first\n")
    write(root, "after", kind)

    catalogue = load(file)
    for name, is_open in (("before", True), ("after", False)):
        triggers = catalogue.functions[name].triggers
        assert all(t.is_open is is_open for t in triggers if t.type == "http")


@pytest.mark.parametrize(
    ("name", "kind", "folder", "message"),
    [
        ("Bad_Name", "api", "", "words joined by hyphens"),
        ("../up", "api", "", "words joined by hyphens"),
        ("", "api", "", "words joined by hyphens"),
        ("good", "service", "", "allowed: pipeline, api, ai"),
        ("good", "api", "../up", "FOLDER=../up is not allowed"),
        ("good", "api", "a/b/c", "one level or two"),
        ("good", "api", "a/first", "a/first exists already"),
        ("first", "api", "", "has first already"),
        ("taken", "api", "", "exists already"),
        ("json", "api", "", "a Python module already"),
        ("polars", "pipeline", "", "a Python module already"),
        ("handler", "api", "", "a Python module already"),
        ("class", "ai", "", "a Python module already"),
        ("a" * 41, "api", "", "a{41}"),
        ("b" * 38, "ai", "", "b{38}-batch"),
    ],
)
def test_refuses_and_writes_nothing(root, name, kind, folder, message):
    (root / "ai-systems/taken").mkdir(parents=True)
    before = sorted(root.rglob("*")), files(root)

    with pytest.raises(FleetError, match=message):
        write(root, name, kind, folder)

    assert (sorted(root.rglob("*")), files(root)) == before


def test_names_that_are_taken_by_what_is_derived_are_refused(root):
    write(root, "watch-batch", "api")

    with pytest.raises(FleetError, match="named twice"):
        write(root, "watch", "ai")
