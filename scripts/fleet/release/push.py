"""Pushes images by content tag to an OCI registry, and reads them back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from fleet.errors import FleetError
from fleet.images import engine
from fleet.images.archive import INDEX_TYPES
from fleet.images.build import Image
from fleet.images.checks import OCI_ARCHITECTURES
from fleet.release.infrastructure import Artifacts, PackageType

NOT_FOUND = re.compile(r"not found|manifest unknown|does not exist", re.IGNORECASE)


@dataclass(frozen=True)
class Remote:
    """What a registry has under a tag."""

    reference: str
    digest: str
    media_type: str
    config_digest: str | None
    architecture: str | None

    @property
    def artifact(self) -> str:
        """As Terraform takes it and a release records it: tag@digest."""
        return f"{self.reference.rpartition(':')[2]}@{self.digest}"

    @property
    def address(self) -> str:
        """For people."""
        return f"{self.reference}@{self.digest}"


class Held(Protocol):
    """What a store has of an image."""

    @property
    def artifact(self) -> str:
        """As a release records it."""

    @property
    def address(self) -> str:
        """For people."""


class Store(Protocol):
    """Where built functions are kept under their content tag."""

    @property
    def package_type(self) -> PackageType:
        """The type of package that this registry keeps."""

    def find(self, image: Image) -> Held | None:
        """The image's pushed artifact; None if it is not there."""

    def push(self, image: Image) -> Held:
        """Push a built image."""


@dataclass(frozen=True)
class Pushed:
    """A function in a store; `new` tells whether this push brought it there."""

    store: Store
    image: Image
    held: Held
    new: bool


class Registry:
    """An OCI registry under a prefix, such as `<account>.dkr.ecr.<region>.amazonaws.com`.

    Credentials are those of the Docker command line.
    """

    package_type: Final = "image"

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix.rstrip("/")

    def reference(self, image: Image) -> str:
        """The image's name in the registry."""
        return f"{self.prefix}/{image.reference}"

    def find(self, image: Image) -> Remote | None:
        """What the registry has under the image's tag; None if nothing.

        Raises FleetError if the registry does not answer, or has what Lambda refuses.
        """
        reference = self.reference(image)
        inspect = ("buildx", "imagetools", "inspect")
        try:
            manifest = json.loads(engine.docker(*inspect, "--raw", reference))
            described = json.loads(engine.docker(*inspect, "--format", "{{json .}}", reference))
        except FleetError as error:
            if NOT_FOUND.search(str(error)):
                return None
            raise FleetError(f"{self.prefix} cannot be asked about {reference}: {error}") from error
        found = Remote(
            reference=reference,
            digest=described["manifest"]["digest"],
            media_type=described["manifest"]["mediaType"],
            config_digest=manifest.get("config", {}).get("digest"),
            architecture=(described.get("image") or {}).get("architecture"),
        )
        _check(image, found)
        return found

    def push(self, image: Image) -> Remote:
        """Push the engine's image and read it back.

        Raises FleetError unless the registry has what was pushed.
        """
        reference = self.reference(image)
        engine.docker("tag", image.reference, reference)
        try:
            engine.docker("push", "--quiet", reference)
        finally:
            engine.succeeds("rmi", "--no-prune", reference)
        found = self.find(image)
        local = engine.docker("image", "inspect", "--format", "{{.Id}}", image.reference).strip()
        if found is None or local not in (found.config_digest, found.digest):
            raise FleetError(
                f"{reference} is not what was pushed: another image has been pushed under the "
                "same tag meanwhile; run the command again"
            )
        return found


def publish(
    wanted: Sequence[tuple[Store, Image]], prepare: Callable[[list[Image]], None]
) -> list[Pushed]:
    """Bring into each store what it lacks of the images wanted there; return all, in order.

    `prepare` gets the images that are missing somewhere, and raises if one of them must not be
    pushed: it builds, verifies and smoke-tests, before anything is pushed. What a store has under
    the same content hash has been through that already.
    """
    found = [store.find(image) for store, image in wanted]
    missing = {
        image.name: image for (_, image), held in zip(wanted, found, strict=True) if held is None
    }
    if missing:
        prepare(list(missing.values()))
    return [
        Pushed(store, image, held or store.push(image), new=held is None)
        for (store, image), held in zip(wanted, found, strict=True)
    ]


def artifacts(pushed: Sequence[Pushed]) -> Artifacts:
    """What was pushed, as it is deployed."""
    images, zips = (
        {p.image.name: p.held.artifact for p in pushed if p.store.package_type == package_type}
        for package_type in ("image", "zip")
    )
    return Artifacts(images, zips)


def _check(image: Image, found: Remote) -> None:
    if found.media_type in INDEX_TYPES:
        raise FleetError(
            f"{found.reference} is an index, which Lambda refuses: delete the tag in the registry, "
            "then build with --provenance=false --sbom=false, as `make build` does"
        )
    if found.architecture != OCI_ARCHITECTURES[image.architecture]:
        raise FleetError(
            f"{found.reference} is built for {found.architecture}, not {image.architecture}: "
            "delete the tag in the registry and push again"
        )
