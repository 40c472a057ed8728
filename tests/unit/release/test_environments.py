from __future__ import annotations

from pathlib import Path

import pytest

from fleet.errors import FleetError
from fleet.release import environments
from fleet.release.environments import Environment, load


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "dev.tfvars").write_text(
        'environment             = "dev" # ours\nregion = "eu-central-1"\nlog_days = 14\n'
    )
    (tmp_path / "prod.tfvars").write_text(
        'environment = "prod"\nregion = "eu-central-1"\naccount_id = "123456789012"\n'
    )
    return tmp_path


def test_reads_what_terraform_reads(folder: Path) -> None:
    assert load("dev", folder) == Environment("dev", "eu-central-1", None)
    assert load("prod", folder).account_id == "123456789012"


def test_only_production_is_protected(folder: Path) -> None:
    assert load("prod", folder).is_production
    assert not load("dev", folder).is_production


@pytest.mark.parametrize(
    ("name", "message"),
    [("", "ENV=... is missing; allowed: dev, prod"), ("stage", "ENV=stage is unknown; allowed")],
)
def test_an_unknown_environment(folder: Path, name: str, message: str) -> None:
    with pytest.raises(FleetError, match=message):
        load(name, folder)


def test_a_file_that_names_another_environment(folder: Path) -> None:
    (folder / "dev.tfvars").write_text('environment = "prod"\nregion = "eu-central-1"\n')
    with pytest.raises(FleetError, match='must say environment = "dev"'):
        load("dev", folder)


def test_the_environments_of_this_repository() -> None:
    for name in environments.names():
        assert load(name).name == name
