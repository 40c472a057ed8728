from __future__ import annotations

from pathlib import Path

import pytest

from fleet.catalogue import Catalogue
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


class TestPackages:
    @pytest.mark.parametrize(
        "text",
        [
            'parallel_packages = { first = "image", "second-one" = "zip" }',
            'parallel_packages   = {\n  first = "image" # soon\n  second-one : "zip",\n}',
        ],
    )
    def test_that_move(self, folder: Path, text: str) -> None:
        with (folder / "dev.tfvars").open("a") as file:
            file.write(f'{text}\nhttp_api = {{\n  rate_limit = 5\n}}\nzip_runtime = "python3.14"\n')
        environment = load("dev", folder)
        assert environment.parallel_packages == {"first": "image", "second-one": "zip"}
        assert environment.zip_runtime == "python3.14"

    @pytest.mark.parametrize("text", ["", "parallel_packages = {}", "parallel_packages = {\n}\n"])
    def test_none(self, folder: Path, text: str) -> None:
        with (folder / "dev.tfvars").open("a") as file:
            file.write(f"# parallel_packages = bad\n{text}")
        assert load("dev", folder).parallel_packages == {}

    @pytest.mark.parametrize(
        "text", ["null", "merge({}, {})", '{ first = "jar" }', '{ first = "image"', "local.them"]
    )
    def test_what_is_written_otherwise(self, folder: Path, text: str) -> None:
        with (folder / "dev.tfvars").open("a") as file:
            file.write(f"parallel_packages = {text}\n")
        with pytest.raises(FleetError, match=r"dev.tfvars: parallel_packages must be a map such"):
            load("dev", folder)

    def test_by_type(self, catalogue: Catalogue) -> None:
        second = catalogue.functions["second"].model_copy(update={"package_type": "zip"})
        functions = catalogue.functions | {"second": second}
        catalogue = catalogue.model_copy(update={"functions": functions})
        environment = Environment("dev", "us-east-1", None, {"second": "image"})
        assert environment.packaged(catalogue, "image") == ["first", "second"]
        assert environment.packaged(catalogue, "zip") == ["second"]

    def test_an_image_of_several_functions_is_wanted_once(self, catalogue: Catalogue) -> None:
        second = catalogue.functions["second"].model_copy(update={"folder": None, "image": "first"})
        functions = catalogue.functions | {"second": second}
        catalogue = catalogue.model_copy(update={"functions": functions})
        environment = Environment("dev", "us-east-1", None, {"first": "zip"})

        assert environment.packaged(catalogue, "image") == ["first"]
        assert environment.packaged(catalogue, "zip") == ["first"]
