"""Which packages of `libs/` a function names."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet import libs
from fleet.errors import FleetError

PROJECT = '[project]\nname = "Table_Tools"\ndependencies = ["polars>=1", "boto3"]\n'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for name in ("other", "table_tools"):
        (tmp_path / "libs" / name / "src").mkdir(parents=True)
        (tmp_path / "libs" / name / "pyproject.toml").write_text(PROJECT)
    folder = tmp_path / "group" / "function"
    folder.mkdir(parents=True)
    return folder / "requirements.in"


def test_only_what_a_function_names_is_found(source: Path, tmp_path: Path) -> None:
    source.write_text("boto3\n../../libs/table_tools  # tables\n")

    [library] = libs.named_in(source)

    assert library.sources == tmp_path / "libs/table_tools/src"
    assert library.name == "table-tools"
    assert [str(r) for r in library.dependencies] == ["polars>=1", "boto3"]


def test_a_function_may_name_none(source: Path) -> None:
    source.write_text("boto3\n")

    assert libs.named_in(source) == []


@pytest.mark.parametrize("path", ["../../libs", "../../libs/missing"])
def test_a_path_to_no_package_is_refused(source: Path, path: str) -> None:
    source.write_text(f"{path}\n")

    with pytest.raises(
        FleetError, match=f"{path} is not a package of libs/, which has: .*datalake"
    ):
        libs.named_in(source)


def test_all_are_found(source: Path, tmp_path: Path) -> None:
    (tmp_path / "libs/README.md").write_text("")

    found = libs.all_libraries(tmp_path / "libs")

    assert [library.folder.name for library in found] == ["other", "table_tools"]
