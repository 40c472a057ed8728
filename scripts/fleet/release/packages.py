"""Zip packages in the releases bucket, each under the content tag of its function.

    <environment>/packages/<function>/<tag>-<SHA-256>.zip

The name contains the hash, so a role that may only list the bucket, as the planning role, knows it
without reading the object.
"""

from __future__ import annotations

import base64
import re
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from fleet.errors import FleetError
from fleet.images import package
from fleet.images.build import Image
from fleet.release.cloud import MovedByOtherError

NAME = re.compile(
    r"(?P<tag>[0-9a-f]{16}-(?P<architecture>x86_64|arm64))-(?P<sha256>[0-9a-f]{64})\.zip"
)


class Files(Protocol):
    """A bucket that takes files."""

    name: str

    def times(self, prefix: str) -> dict[str, datetime]:
        """When each object under a prefix was written."""

    def upload(self, key: str, path: Path, sha256: str) -> None:
        """Write an object that is not there yet, of this SHA-256 in base64.

        Raises MovedByOtherError if it is there.
        """


@dataclass(frozen=True)
class Package:
    """A zip package in S3."""

    bucket: str
    key: str

    @property
    def artifact(self) -> str:
        """As a release records it."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def address(self) -> str:
        """For people who call Terraform by hand: also the hash that it takes."""
        return f'{self.artifact}  source_code_hash = "{self.sha256}"'

    @property
    def sha256(self) -> str:
        """The file's SHA-256 in base64, as Lambda names the code of a version."""
        return base64.b64encode(bytes.fromhex(_match(self.key)["sha256"])).decode()

    @classmethod
    def parse(cls, artifact: str) -> Package:
        """The package that a release recorded."""
        bucket, _, key = artifact.removeprefix("s3://").partition("/")
        return cls(bucket, key)


class Packages:
    """The packages of one environment."""

    package_type: Final = "zip"

    def __init__(self, files: Files, environment: str, runtime: str) -> None:
        self._files = files
        self._prefix = f"{environment}/packages"
        self._runtime = runtime

    def find(self, image: Image) -> Package | None:
        """The package of a function's image, if it is there."""
        found = self._files.times(f"{self._prefix}/{image.name}/{_tag(image)}-")
        return Package(self._files.name, min(found)) if found else None

    def push(self, image: Image) -> Package:
        """Pack an image that is built, and upload the package."""
        with tempfile.TemporaryDirectory(prefix="fleet-package-") as scratch:
            path = Path(scratch, "package.zip")
            digest = package.build(image, self._runtime, path)
            key = f"{self._prefix}/{image.name}/{_tag(image)}-{digest}.zip"
            made = Package(self._files.name, key)
            try:
                self._files.upload(key, path, made.sha256)
            except MovedByOtherError:
                return made  # the same bytes, as the name says
        return made

    def newest(self, function: str, architecture: str) -> Package | None:
        """The package for `architecture` that was uploaded last."""
        times = self._files.times(f"{self._prefix}/{function}/")
        written = [
            (time, key)
            for key, time in times.items()
            if (match := NAME.search(key)) and match["architecture"] == architecture
        ]
        return Package(self._files.name, max(written)[1]) if written else None


def _tag(image: Image) -> str:
    return image.reference.rpartition(":")[2]


def _match(key: str) -> re.Match[str]:
    match = NAME.fullmatch(key.rpartition("/")[2])
    if match is None:
        raise FleetError(f"{key} is not named as packages are: <tag>-<SHA-256>.zip")
    return match
