from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.cloudtest import make_root
from fleet.catalogue import Catalogue, load


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("checkout")
    make_root(root)
    return root


@pytest.fixture(scope="session")
def catalogue(root: Path) -> Catalogue:
    return load(root / "functions.yaml")


@pytest.fixture(scope="session", autouse=True)
def _no_wanted_port() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("FLEET_PORT", raising=False)
        # What the developer has in the environment must not reach a function.
        patch.setenv("FLEET_TEST_LEAK", "leaked")
        yield


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where environments are installed, once for all tests."""
    return tmp_path_factory.mktemp("environments")


@pytest.fixture
def base(tmp_path: Path, environments: Path) -> Path:
    """A folder of generated files for one test."""
    return make_base(tmp_path / ".fleet", environments)


@pytest.fixture(scope="module")
def shared_base(tmp_path_factory: pytest.TempPathFactory, environments: Path) -> Path:
    """A folder of generated files for a module's tests."""
    return make_base(tmp_path_factory.mktemp("shared") / ".fleet", environments)


def make_base(folder: Path, environments: Path) -> Path:
    folder.mkdir()
    (folder / "envs").symlink_to(environments)
    return folder
