"""Terraform, as the port through which a release changes everything but aliases."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from fleet.errors import FleetError
from fleet.paths import ROOT
from fleet.release.environments import Environment

FOLDER = ROOT / "terraform"
REGISTRY_FOLDER = FOLDER / "registry"


@dataclass(frozen=True)
class Deployed:
    """One function as it stands after an apply."""

    function: str
    """Its name in AWS."""
    version: str
    alarms: tuple[str, ...]


class Infrastructure(Protocol):
    """Makes an environment hold what the catalogue says, but does not move users."""

    def plan(self, images: Mapping[str, str]) -> None:
        """Show what an apply with these images (tag@digest by function) would change."""

    def apply(self) -> dict[str, Deployed]:
        """Do what the last plan showed; return every function, by its name in the catalogue."""


class Terraform:
    """The real implementation: the main root, with the environment's own state.

    `state_bucket` is where the registry root keeps states. A saved plan is applied, so that what
    is done is what was shown.
    """

    def __init__(self, environment: Environment, state_bucket: str, folder: Path = FOLDER) -> None:
        self._environment = environment
        self._bucket = state_bucket
        self._folder = folder
        self._scratch = tempfile.TemporaryDirectory(prefix="fleet-plan-")
        self._images = Path(self._scratch.name, "images.tfvars.json")
        self._plan = Path(self._scratch.name, "plan")

    def plan(
        self, images: Mapping[str, str], *, destroy: bool = False, only_look: bool = False
    ) -> None:
        """Initialise and plan; Terraform prints the plan. Raises FleetError if it refuses.

        `destroy` plans the deletion of everything. `only_look` needs no right to lock the state.
        """
        self._images.write_text(json.dumps({"images": dict(images)}))
        self.initialise()
        arguments = ["-destroy"] if destroy else ["-lock=false"] if only_look else []
        arguments += [
            f"-var-file=environments/{self._environment.name}.tfvars",
            f"-var-file={self._images}",
            f"-out={self._plan}",
        ]
        terraform(self._folder, "plan", "-input=false", *arguments)

    def initialise(self) -> None:
        """Connect the root with the environment's state."""
        terraform(
            self._folder,
            "init",
            "-input=false",
            "-reconfigure",
            f"-backend-config=environments/{self._environment.name}.s3.tfbackend",
            f"-backend-config=bucket={self._bucket}",
        )

    def apply(self) -> dict[str, Deployed]:
        """Apply the saved plan and read the outputs."""
        self.apply_plan()
        read = json.loads(terraform(self._folder, "output", "-json", capture=True))
        return deployed(read["functions"]["value"])

    def apply_plan(self) -> None:
        """Apply the saved plan."""
        terraform(self._folder, "apply", "-input=false", str(self._plan))

    def planned(self) -> dict[str, Any]:
        """The saved plan as data."""
        shown = terraform(self._folder, "show", "-json", str(self._plan), capture=True)
        result: dict[str, Any] = json.loads(shown)
        return result


def deployed(functions: Mapping[str, Any]) -> dict[str, Deployed]:
    """Functions from the main root's output `functions`."""
    return {
        name: Deployed(
            function=function["name"],
            version=function["published_version"],
            alarms=tuple(function["alarm_names"]),
        )
        for name, function in functions.items()
    }


def removed(plan: Mapping[str, Any]) -> list[str]:
    """The addresses of the resources that a plan deletes, in order."""
    return sorted(
        change["address"]
        for change in plan.get("resource_changes", [])
        if "delete" in change["change"]["actions"]
    )


def terraform(folder: Path, *arguments: str, capture: bool = False) -> str:
    """Run Terraform in a root; what it prints is seen unless captured. Raises FleetError."""
    line = ["terraform", f"-chdir={folder}", *arguments]
    try:
        result = subprocess.run(
            line, stdout=subprocess.PIPE if capture else None, text=True, check=False
        )
    except OSError as error:
        raise FleetError(
            f"terraform cannot be run ({error.strerror}); install Terraform 1.11 or newer"
        ) from error
    if result.returncode:
        raise FleetError(f"terraform {arguments[0]} failed; its own message is above")
    return result.stdout or ""
