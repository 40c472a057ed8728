"""The environments that Terraform knows: `terraform/environments/<name>.tfvars`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fleet.catalogue import Catalogue
from fleet.errors import FleetError
from fleet.images import package
from fleet.paths import ROOT

FOLDER = ROOT / "terraform" / "environments"
# A string on the top level of a tfvars file, and the one map that is read here.
STRING = re.compile(r'^(\w+)\s*=\s*"([^"\\]*)"\s*(?:#.*)?$', re.MULTILINE)
PARALLEL = re.compile(r"^parallel_packages\s*=\s*", re.MULTILINE)
ENTRY = r'"?([a-z0-9-]+)"?\s*[=:]\s*"(image|zip)"'
MAP = re.compile(rf"\{{\s*(?:{ENTRY}\s*,?\s*)*\}}")


@dataclass(frozen=True)
class Environment:
    """An environment; `account_id` is None if it may be in any account.

    `parallel_packages` gives, by owner of an image, the other package type (image or zip) of
    functions that move, as the variable of Terraform; `zip_runtime` is what zip functions run on.
    """

    name: str
    region: str
    account_id: str | None
    parallel_packages: Mapping[str, str] = field(default_factory=dict)
    zip_runtime: str = package.RUNTIME

    @property
    def is_production(self) -> bool:
        """As in Terraform: an environment with this name is never disposable."""
        return self.name.startswith("prod")

    def packaged(self, catalogue: Catalogue, package_type: str) -> list[str]:
        """The owners of what is deployed as an image (or a zip), those that move among them."""
        return [
            name
            for name in catalogue.images
            if package_type in (catalogue.package_type_of(name), self.parallel_packages.get(name))
        ]


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
    return Environment(
        name,
        values["region"],
        values.get("account_id"),
        _parallel_packages(path),
        values.get("zip_runtime", package.RUNTIME),
    )


def names(folder: Path = FOLDER) -> list[str]:
    """Every environment, by name."""
    return sorted(path.stem for path in folder.glob("*.tfvars"))


def _parallel_packages(path: Path) -> dict[str, str]:
    text = re.sub(r"(#|//).*", "", path.read_text())
    begin = PARALLEL.search(text)
    if begin is None:
        return {}
    written = MAP.match(text, begin.end())
    if written is None:
        raise FleetError(
            f'{path.name}: parallel_packages must be a map such as {{ name = "image" }}; '
            "each value is image or zip"
        )
    return dict(re.findall(ENTRY, written[0]))
