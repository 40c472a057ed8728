"""What secrets and parameters hold in the local cloud.

On AWS they are made by hand, so that no file of the repository holds them. Here secret `key` holds
what `.fleet/secrets/key` does and parameter `limits` what `.fleet/parameters/limits` does, without
newlines at the end; git ignores both. Without a file they hold a placeholder, which says so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fleet.catalogue import Catalogue
from fleet.cloud.environments import Progress
from fleet.cloud.folders import Folders
from fleet.errors import FleetError


@dataclass(frozen=True)
class LocalValues:
    """The values that files give, by logical name."""

    secrets: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)


def read(catalogue: Catalogue, folders: Folders, progress: Progress) -> LocalValues:
    """The values of what the catalogue declares; says which files are no value of it.

    Raises FleetError naming a file that is not text.
    """
    return LocalValues(
        secrets=_read(folders.secrets, catalogue.secrets, progress),
        parameters=_read(folders.parameters, catalogue.parameters, progress),
    )


def _read(folder: Path, declared: Collection[str], progress: Progress) -> dict[str, str]:
    if not folder.is_dir():
        return {}
    found = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.name not in declared:
            known = ", ".join(declared) or "none"
            progress(f"{path} is ignored, as functions.yaml declares no such name, but {known}.")
            continue
        try:
            text = path.read_text(encoding="utf-8").rstrip("\n")
        except (OSError, UnicodeDecodeError) as error:
            raise FleetError(f"{path} cannot be read as text: {error}") from error
        if not text:
            raise FleetError(f"{path} is empty; write the value into it, or delete it")
        found[path.name] = text
    return found
