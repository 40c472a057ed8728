"""The environments that Terraform knows: `terraform/environments/<name>.tfvars`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from fleet.errors import FleetError
from fleet.paths import ROOT

FOLDER = ROOT / "terraform" / "environments"
# A string on the top level of a tfvars file; nothing else of it is read here.
STRING = re.compile(r'^(\w+)\s*=\s*"([^"\\]*)"\s*(?:#.*)?$', re.MULTILINE)


@dataclass(frozen=True)
class Environment:
    """An environment; `account_id` is None if it may be in any account."""

    name: str
    region: str
    account_id: str | None

    @property
    def is_production(self) -> bool:
        """As in Terraform: what is named so is never disposable."""
        return self.name.startswith("prod")


def load(name: str, folder: Path = FOLDER) -> Environment:
    """Read an environment. Raises FleetError naming those that exist."""
    known = names(folder)
    if not name:
        raise FleetError(f"ENV=... is missing; allowed: {', '.join(known)}")
    if name not in known:
        raise FleetError(f"ENV={name} is unknown; allowed: {', '.join(known)}")
    path = folder / f"{name}.tfvars"
    values = dict(STRING.findall(path.read_text()))
    if values.get("environment") != name or not values.get("region"):
        raise FleetError(f'{path.name} must say environment = "{name}" and region = "..."')
    return Environment(name, values["region"], values.get("account_id"))


def names(folder: Path = FOLDER) -> list[str]:
    """Every environment, by name."""
    return sorted(path.stem for path in folder.glob("*.tfvars"))
