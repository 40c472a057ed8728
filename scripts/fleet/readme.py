"""The README's list of functions, written from the catalogue between two markers."""

from __future__ import annotations

from pathlib import Path

from fleet.catalogue import Catalogue
from fleet.errors import FleetError
from fleet.paths import ROOT

README = ROOT / "README.md"
BEGIN = "<!-- functions: written by `make docs` -->\n"
END = "<!-- end of functions -->\n"


def write(catalogue: Catalogue, readme: Path = README) -> None:
    """Bring the list in `readme` up to date.

    Raises FleetError, with the file unchanged, if a marker is missing.
    """
    text = readme.read_text()
    current = updated(text, catalogue)
    if current != text:
        readme.write_text(current)


def updated(text: str, catalogue: Catalogue) -> str:
    """`text` with the list of the catalogue's functions between the markers."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise FleetError(
            "The README's list of functions needs these two lines around it:\n"
            f"{BEGIN}{END}Put them back and run `make docs`."
        )
    return f"{before}{begin}{_table(catalogue)}{end}{after}"


def _table(catalogue: Catalogue) -> str:
    rows = [
        f"| [{name}]({catalogue.folder_of(name)}) | {function.description} |\n"
        for name, function in catalogue.functions.items()
    ]
    return f"| Function | What it does |\n|---|---|\n{''.join(rows)}"
