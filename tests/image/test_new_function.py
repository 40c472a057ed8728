"""`make new` gives functions that are finished, and that leave nothing when they are removed.

A copy of the checkout gets a function of each kind; all that reads the catalogue runs there.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from pathspec import GitIgnoreSpec

from checkout import copy_checkout
from fleet.images import engine
from fleet.new import GROUPS
from fleet.paths import ROOT

KINDS = {"order-sums": "pipeline", "order-totals": "api", "order-watch": "ai"}
ONE_LEVEL_DEEP = "orders"
# What a new function may concern besides its own tests.
EVERYWHERE = [
    "tests/contract/test_folders.py",
    "tests/contract/test_libs.py",
    "tests/contract/test_mirror.py",
    "tests/contract/test_openapi.py",
    "tests/unit/documents",
    "tests/unit/fleet/test_catalogue.py",
    "tests/unit/fleet/test_catalogue_terraform.py",
    "tests/unit/fleet/test_locks.py",
]


def run(checkout: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run make in a copy with this checkout's environment, which is not made again."""
    venv = ROOT / ".venv"
    ready = [option for name in (".fleet-ready", ".test-ready") for option in ("-o", venv / name)]
    return subprocess.run(
        ["make", f"VENV={venv}", "JOBS=0", *ready, *arguments],
        cwd=checkout,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def make(checkout: Path, *arguments: str) -> str:
    result = run(checkout, *arguments)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def folder(name: str, kind: str) -> str:
    """Where a function lies in the copy."""
    return ONE_LEVEL_DEEP if kind == "api" else f"{GROUPS[kind]}/{name}"


def state(folder: Path) -> dict[str, bytes]:
    """Every file but those that .gitignore excludes."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    names = [str(path.relative_to(folder)) for path in paths]
    ignored = GitIgnoreSpec.from_lines((ROOT / ".gitignore").read_text().splitlines())
    return {
        name: path.read_bytes()
        for name, path in zip(names, paths, strict=True)
        if not ignored.match_file(name)
    }


def copy(target: Path) -> Path:
    copy_checkout(target)
    # Types of unchanged modules need not be found again.
    if (ROOT / ".mypy_cache").is_dir():
        shutil.copytree(ROOT / ".mypy_cache", target / ".mypy_cache")
    (target / ".venv").symlink_to(ROOT / ".venv")
    return target


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with a function of each kind, one of them one level deep."""
    checkout = copy(tmp_path_factory.mktemp("grown"))
    for name, kind in KINDS.items():
        make(checkout, "new", f"NAME={name}", f"KIND={kind}", f"FOLDER={folder(name, kind)}")
    return checkout


def test_checks_pass(grown):
    make(grown, "check")


def test_tests_pass(grown):
    own = [f"tests/unit/{name.replace('-', '_')}" for name in KINDS]

    output = make(grown, "test", f"TESTS={' '.join([*own, *EVERYWHERE])}")

    assert re.search(r"\d+ passed", output)
    assert "skipped" not in output


@pytest.mark.docker
@pytest.mark.parametrize("name", KINDS)
def test_images_are_built_verified_and_invoked(grown, name):
    try:
        output = make(grown, "build", "verify", "smoke", f"FUNCTION={name}")
    finally:
        images = engine.docker("images", "--quiet", f"fleet/{name}").split()
        if images:
            engine.succeeds("rmi", "--force", *images)

    assert f"{name}  verified" in output
    assert f"{name}  " in output
    assert "failed" not in output
    if KINDS[name] == "ai":
        assert re.search(rf"(?m)^{name}-batch  .*passed", output)


def test_training_gives_the_same_bytes_and_evaluation_the_metrics_of_the_card(grown):
    before = state(grown / "ai-systems/order-watch")

    make(grown, "train", "FUNCTION=order-watch")
    metrics = json.loads(make(grown, "-s", "evaluate", "FUNCTION=order-watch-batch", "JSON=1"))
    table = make(grown, "-s", "evaluate", "FUNCTION=order-watch")

    assert state(grown / "ai-systems/order-watch") == before
    card = json.loads(before["src/order_watch/model/card.json"])
    assert metrics["metrics"] == card["metrics"]
    assert metrics["baselines"].keys() == card["baselines"].keys()
    assert "three_sigma" in table


def test_bad_data_for_an_evaluation_is_one_clear_error(grown):
    done = run(grown, "-s", "evaluate", "FUNCTION=order-watch", "DATA=missing.csv")

    assert done.returncode
    assert "missing.csv cannot be read" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_cannot_be_locked_leaves_nothing(tmp_path):
    checkout = copy(tmp_path / "copy")
    before = state(checkout)

    done = run(
        checkout, "new", "NAME=order-watch", "KIND=ai", UV_OFFLINE="1", UV_CACHE_DIR=str(tmp_path)
    )

    assert done.returncode
    assert "cannot be locked" in done.stderr
    assert state(checkout) == before


def test_removal_leaves_the_checkout_as_it_was(grown, tmp_path):
    """Folders, tests and entries are deleted by hand; `make docs` brings the README up to date."""
    before = copy(tmp_path / "before")
    after = tmp_path / "after"
    shutil.copytree(grown, after, symlinks=True)
    for name, kind in KINDS.items():
        shutil.rmtree(after / folder(name, kind))
        shutil.rmtree(after / "tests/unit" / name.replace("-", "_"))
    shutil.copy(before / "functions.yaml", after / "functions.yaml")

    make(after, "docs")

    assert state(after) == state(before)
