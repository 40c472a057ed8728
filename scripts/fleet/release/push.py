"""Pushes images to an OCI registry by content hash, and reads back what the registry resolves."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fleet.errors import FleetError
from fleet.images import engine
from fleet.images.archive import INDEX_TYPES
from fleet.images.build import Image
from fleet.images.checks import OCI_ARCHITECTURES

NOT_FOUND = re.compile(r"not found|manifest unknown|does not exist", re.IGNORECASE)


@dataclass(frozen=True)
class Remote:
    """What a registry has under a tag."""

    reference: str
    digest: str
    media_type: str
    config_digest: str | None
    architecture: str | None


@dataclass(frozen=True)
class Pushed:
    """An image in the registry; `new` tells whether this push brought it there."""

    image: Image
    digest: str
    new: bool

    @property
    def tag_and_digest(self) -> str:
        """As Terraform takes it: tag@digest."""
        return f"{self.image.reference.rpartition(':')[2]}@{self.digest}"


class Registry:
    """An OCI registry under a prefix, such as `<account>.dkr.ecr.<region>.amazonaws.com`.

    Credentials are those of the Docker command line.
    """

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
    registry: Registry, images: Sequence[Image], prepare: Callable[[list[Image]], None]
) -> list[Pushed]:
    """Bring into the registry what it lacks of `images`; return all, in order.

    `prepare` gets the images that are missing there, and raises if one of them must not be pushed:
    it builds, verifies and smoke-tests, before anything is pushed. What the registry has under the
    same content hash has been through that already.
    """
    found = {image.name: registry.find(image) for image in images}
    missing = [image for image in images if found[image.name] is None]
    if missing:
        prepare(missing)
    result = []
    for image in images:
        known = found[image.name]
        remote = known or registry.push(image)
        result.append(Pushed(image, remote.digest, new=known is None))
    return result


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
