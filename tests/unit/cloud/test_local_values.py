"""The values of secrets and parameters in the local cloud come from files."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.catalogue import Catalogue
from fleet.cloud.folders import Folders
from fleet.cloud.local_values import LocalValues, read
from fleet.errors import FleetError

CATALOGUE = Catalogue.model_validate(
    {
        "project": "shop",
        "secrets": {"signing-key": "Signs", "other-key": "Signs too"},
        "parameters": {"limits": "Limits"},
        "functions": {},
    }
)


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    folders = Folders(tmp_path)
    folders.secrets.mkdir()
    folders.parameters.mkdir()
    return folders


def test_nothing_is_given(tmp_path: Path) -> None:
    assert read(CATALOGUE, Folders(tmp_path), pytest.fail) == LocalValues({}, {})


def test_values_of_files(folders: Folders) -> None:
    (folders.secrets / "signing-key").write_text("first line\nsecond ü line \n\n")
    (folders.parameters / "limits").write_text('{"vip": 3}')
    (folders.parameters / ".limits.swp").write_bytes(b"\xff")

    found = read(CATALOGUE, folders, pytest.fail)

    assert found == LocalValues(
        {"signing-key": "first line\nsecond ü line "}, {"limits": '{"vip": 3}'}
    )


def test_a_file_that_nothing_uses_is_named(folders: Folders) -> None:
    (folders.secrets / "signing-kee").write_text("typed wrongly")
    (folders.secrets / "limits").write_text("no secret")
    said: list[str] = []

    assert read(CATALOGUE, folders, said.append) == LocalValues({}, {})
    assert [line.split(" is ignored")[0].rpartition("/")[2] for line in said] == [
        "limits",
        "signing-kee",
    ]
    assert all("signing-key, other-key" in line for line in said)


@pytest.mark.parametrize(
    ("content", "message"), [(b"\xff\xfe", "cannot be read as text"), (b"\n", "is empty")]
)
def test_what_is_no_value_is_refused(folders: Folders, content: bytes, message: str) -> None:
    (folders.secrets / "signing-key").write_bytes(content)

    with pytest.raises(FleetError, match=f"secrets/signing-key {message}"):
        read(CATALOGUE, folders, pytest.fail)


def test_a_folder_is_no_value(folders: Folders) -> None:
    (folders.parameters / "limits").mkdir()

    with pytest.raises(FleetError, match="parameters/limits cannot be read"):
        read(CATALOGUE, folders, pytest.fail)
