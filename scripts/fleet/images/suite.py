"""All smoke tests of some images, in order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from fleet import console
from fleet.catalogue import Catalogue
from fleet.errors import FleetError
from fleet.images import build, engine, events
from fleet.images.build import Image
from fleet.images.events import Event
from fleet.images.smoke import Outcome, smoke
from fleet.images.smoke_cloud import SmokeCloud, smoke_cloud
from fleet.paths import ROOT


def run(catalogue: Catalogue, images: list[Image]) -> Iterator[Outcome]:
    """Yield the outcome of every sample event of every function in `images` as it comes.

    The cloud starts once, and only if an event needs it. Raises FleetError for an image that is
    not built or cannot run here.
    """
    engine.require()
    for image in images:
        if not engine.runs(image.architecture):
            raise FleetError(
                f"{image.name} is for {image.architecture}, which does not run on this "
                f"{engine.machine()} machine; register qemu, or smoke-test on such a machine"
            )
        if not engine.image_exists(image.reference):
            raise FleetError(
                f"{image.name} is not built from these sources; "
                f"run: make build FUNCTION={image.name}"
            )
    with ExitStack() as stack:
        cloud: SmokeCloud | None = None
        for image in images:
            for function, name, event in _events(catalogue, image):
                if event.needs_cloud and cloud is None:
                    endpoint = build.local_cloud(catalogue, ROOT)
                    build.build([endpoint], ROOT)
                    with console.working("Starting the cloud for smoke tests ..."):
                        cloud = stack.enter_context(smoke_cloud(catalogue, endpoint.reference))
                mine = cloud.for_event(function, name) if event.needs_cloud and cloud else None
                yield smoke(catalogue, image, function, name, event, mine)


def _events(catalogue: Catalogue, image: Image) -> Iterator[tuple[str, str, Event]]:
    """Function, name and event of every sample event of an image."""
    for function in catalogue.functions_of(image.name):
        for name, event in events.load(catalogue, function).items():
            yield function, name, event
