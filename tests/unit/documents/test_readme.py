"""The README's list of functions follows from the catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet import readme
from fleet.catalogue import load
from fleet.errors import FleetError
from fleet.paths import CATALOGUE


def test_the_list_is_current() -> None:
    text = readme.README.read_text()

    assert readme.updated(text, load(CATALOGUE)) == text, "run `make docs`"


def test_only_the_list_changes(tmp_path: Path) -> None:
    file = tmp_path / "README.md"
    file.write_text(f"# Shop\n\n{readme.BEGIN}| stale |\n{readme.END}\nMore.\n")

    catalogue = load(CATALOGUE)
    readme.write(catalogue, file)

    head, rest = file.read_text().split(readme.BEGIN)
    table, tail = rest.split(readme.END)
    assert (head, tail) == ("# Shop\n\n", "\nMore.\n")
    assert "stale" not in table
    for name, function in catalogue.functions.items():
        assert f"[{name}](" in table
        assert function.description in table


@pytest.mark.parametrize("missing", [readme.BEGIN, readme.END])
def test_a_missing_marker_is_named_and_the_file_stays(tmp_path: Path, missing: str) -> None:
    file = tmp_path / "README.md"
    text = f"{readme.BEGIN}{readme.END}".replace(missing, "")
    file.write_text(text)

    with pytest.raises(FleetError, match="make docs"):
        readme.write(load(CATALOGUE), file)

    assert file.read_text() == text
