"""Terraform, as the port through which a release changes everything but aliases."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from fleet.errors import FleetError
from fleet.paths import ROOT
from fleet.release.environments import Environment
from fleet.release.packages import Package

FOLDER = ROOT / "terraform"
REGISTRY_FOLDER = FOLDER / "registry"
PackageType = Literal["image", "zip"]


@dataclass(frozen=True)
class Artifacts:
    """Deployed artifacts by owner of the image: images as tag@digest, zips as s3://…

    A function that moves between image and zip has both.
    """

    images: Mapping[str, str] = field(default_factory=dict)
    zips: Mapping[str, str] = field(default_factory=dict)

    def code(self, owner: str, package_type: PackageType) -> str | None:
        """Digest or SHA-256 of the code that a version made from them runs; None without one."""
        if package_type == "zip":
            zip_ = self.zips.get(owner)
            return Package.parse(zip_).sha256 if zip_ else None
        image = self.images.get(owner)
        return image.partition("@")[2] if image else None


@dataclass(frozen=True)
class FailureMetrics:
    """Metrics of a function's own count of failures; a sum of `threshold` stops a release."""

    namespace: str
    names: tuple[str, ...]
    threshold: float


@dataclass(frozen=True)
class Deployed:
    """One function as it stands after an apply."""

    name: str
    """Its name in the catalogue."""
    function: str
    """Its name in AWS."""
    version: str
    package_type: PackageType = "image"
    alarms: tuple[str, ...] = ()
    failures: FailureMetrics | None = None
    parallel: bool = False
    """Whether it runs beside the function that gets the events, while that one moves."""


class Infrastructure(Protocol):
    """Makes an environment hold what the catalogue says, but does not move users."""

    def plan(self, artifacts: Artifacts) -> None:
        """Show what an apply with these artifacts would change."""

    def apply(self) -> list[Deployed]:
        """Do what the last plan showed; return every function."""


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
        self._artifacts = Path(self._scratch.name, "artifacts.tfvars.json")
        self._plan = Path(self._scratch.name, "plan")

    def plan(self, artifacts: Artifacts, *, only_look: bool = False) -> None:
        """Initialise and plan; Terraform prints the plan. Raises FleetError if it refuses.

        `only_look` needs no right to lock the state, and keeps nothing that could be applied.
        """
        self._artifacts.write_text(json.dumps(variables(artifacts)))
        keep = ["-lock=false"] if only_look else [f"-out={self._plan}"]
        self._make_plan(f"-var-file={self._artifacts}", *keep)

    def plan_destruction(self) -> None:
        """Initialise and plan the deletion of everything that the state holds.

        Without a look at AWS, which would fail on an image, a package or a secret that is gone.
        """
        self._make_plan("-destroy", "-refresh=false", f"-out={self._plan}")

    def _make_plan(self, *options: str) -> None:
        self.initialise()
        environment = f"-var-file=environments/{self._environment.name}.tfvars"
        terraform(self._folder, "plan", "-input=false", environment, *options)

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

    def apply(self) -> list[Deployed]:
        """Apply the saved plan and read the outputs."""
        self.apply_plan()
        read = json.loads(terraform(self._folder, "output", "-json", capture=True))
        return deployed({name: output["value"] for name, output in read.items()})

    def apply_plan(self) -> None:
        """Apply the saved plan."""
        terraform(self._folder, "apply", "-input=false", str(self._plan))

    def planned(self) -> dict[str, Any]:
        """The saved plan as data."""
        shown = terraform(self._folder, "show", "-json", str(self._plan), capture=True)
        result: dict[str, Any] = json.loads(shown)
        return result


def variables(artifacts: Artifacts) -> dict[str, Any]:
    """Artifacts as the main root's variables `images` and `zips`."""
    zips = {name: Package.parse(zip_) for name, zip_ in artifacts.zips.items()}
    return {
        "images": dict(artifacts.images),
        "zips": {
            name: {"bucket": zip_.bucket, "key": zip_.key, "source_code_hash": zip_.sha256}
            for name, zip_ in zips.items()
        },
    }


def deployed(outputs: Mapping[str, Any]) -> list[Deployed]:
    """Functions from the main root's outputs; those that run beside another come last."""
    serving = [
        Deployed(
            name=name,
            function=function["name"],
            version=function["published_version"],
            package_type="image" if function["image_uri"] else "zip",
            alarms=tuple(function["alarm_names"]),
            failures=_failures(function["failure_metrics"]),
        )
        for name, function in outputs["functions"].items()
    ]
    types = {function.name: function.package_type for function in serving}
    return serving + [
        Deployed(
            name=name,
            function=function,
            version=outputs["parallel_versions"][name],
            package_type="zip" if types[name] == "image" else "image",
            parallel=True,
        )
        for name, function in outputs["parallel_functions"].items()
    ]


def _failures(output: Mapping[str, Any]) -> FailureMetrics:
    return FailureMetrics(output["namespace"], tuple(output["names"]), output["threshold"])


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
