"""What to try next."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType

from fleet.cloud import POOL_SIZE
from fleet.cloud.resources import resources_of
from fleet.images.events import write_sample
from fleet.paths import STATE

if TYPE_CHECKING:
    from tour.demo import Demo

TITLE = "Try next"
FUNCTION = "raw-to-curated"


def show(demo: Demo) -> Iterator[RenderableType]:
    """Commands against the cloud that still runs."""
    catalogue, endpoint = demo.platform.catalogue, demo.platform.cloud.endpoint
    functions = resources_of(catalogue, endpoint, POOL_SIZE).functions
    [resource] = [f for f in functions if f.logical == FUNCTION]
    sample = write_sample(catalogue, FUNCTION, resource.environment, STATE / "events")
    invocations = f"{endpoint}/2015-03-31/functions/{resource.name}/invocations"
    yield f"curl {invocations} -d @{os.path.relpath(sample)}"
    yield f"make logs FUNCTION={FUNCTION}"
    yield "The local cloud still runs; `make down` stops it."
