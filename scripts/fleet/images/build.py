"""Builds images in one `docker buildx bake` call, whose definition follows from the catalogue."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from fleet.catalogue import Catalogue
from fleet.errors import FleetError
from fleet.images import engine
from fleet.images.tags import content_tag

BASE_VARIABLE = "PYTHON_IMAGE"
CA_BUNDLE_VARIABLE = "SSL_CERT_FILE"


@dataclass(frozen=True)
class Image:
    """An image for one architecture; its name is that of the function that owns it."""

    name: str
    dockerfile: str
    architecture: str
    arguments: Mapping[str, str]
    reference: str
    local_reference: str
    """A tag that always names the newest build; for people, never for a deployment."""


def images_of(
    catalogue: Catalogue, functions: Iterable[str], root: Path, architecture: str | None = None
) -> list[Image]:
    """The images that hold `functions`, each once, for their catalogued architecture or another."""
    return [
        _image(
            catalogue,
            root,
            name,
            catalogue.folder_of(name),
            architecture or catalogue.architecture_of(name),
        )
        for name in dict.fromkeys(map(catalogue.owner_of, functions))
    ]


def local_cloud(catalogue: Catalogue, root: Path) -> Image:
    """The image of the local cloud's AWS endpoint, for this machine."""
    return _image(catalogue, root, "local-cloud", "local-cloud", engine.machine())


def _image(catalogue: Catalogue, root: Path, name: str, folder: str, architecture: str) -> Image:
    arguments = base_arguments(architecture)
    dockerfile = f"{folder}/Dockerfile"
    identities = {k: _identity(v) for k, v in arguments.items()}
    tag = content_tag(root, dockerfile, identities, architecture)
    local = "local" if architecture == engine.machine() else f"local-{architecture}"
    repository = f"{catalogue.project}/{name}"
    return Image(
        name=name,
        dockerfile=dockerfile,
        architecture=architecture,
        arguments=arguments,
        reference=f"{repository}:{tag}",
        local_reference=f"{repository}:{local}",
    )


def base_arguments(architecture: str) -> dict[str, str]:
    """Build arguments for the base image that PYTHON_IMAGE of the environment names, if it does.

    Where that image has one tag for each architecture, `{arch}` stands for amd64 or arm64.
    """
    base = os.environ.get(BASE_VARIABLE)
    if not base:
        return {}
    target, builder = (
        base.replace("{arch}", engine.PLATFORMS[a].removeprefix("linux/"))
        for a in (architecture, engine.machine())
    )
    return {"PYTHON_IMAGE": target, "BUILD_IMAGE": builder}


def ca_bundle() -> str | None:
    """The certificates that a private build network needs, where the user has named any."""
    bundle = os.environ.get(CA_BUNDLE_VARIABLE, "")
    return bundle if Path(bundle).is_file() else None


def bake_definition(images: Iterable[Image], bundle: str | None) -> dict[str, object]:
    """What `docker buildx bake` reads: one target an image, all in the default group."""
    targets = {
        image.name: {
            "context": ".",
            "dockerfile": image.dockerfile,
            "platforms": [engine.PLATFORMS[image.architecture]],
            "args": dict(image.arguments),
            "tags": [image.reference, image.local_reference],
            "secret": [f"id=ca,src={bundle}"] if bundle else [],
            "output": ["type=docker"],
        }
        for image in images
    }
    return {"group": {"default": {"targets": list(targets)}}, "target": targets}


def build(images: list[Image], root: Path) -> list[Image]:
    """Build those of `images` that the engine does not hold; return them.

    Raises FleetError if no engine answers or a build fails (its own output says why).
    """
    engine.require()
    missing = []
    for image in images:
        if engine.image_exists(image.reference):
            engine.docker("tag", image.reference, image.local_reference)
        else:
            missing.append(image)
    if missing:
        definition = bake_definition(missing, ca_bundle())
        # Lambda takes one image manifest and refuses the index that attestations need.
        bake = ["buildx", "bake", "--file", "-", "--provenance=false", "--sbom=false"]
        if os.environ.get("NO_COLOR"):
            bake += ["--progress", "plain"]
        if engine.stream(*bake, stdin=json.dumps(definition), cwd=root):
            raise FleetError("The build failed; the step that did is shown above.")
    return missing


def _identity(reference: str) -> str:
    """A base image's content where the engine knows it, as its tag may move."""
    if "@sha256:" in reference or not engine.available():
        return reference
    if not engine.image_exists(reference):
        return reference
    return engine.docker("image", "inspect", "--format", "{{.Id}}", reference).strip()
