"""What runs, and where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.table import Table

from fleet import console

if TYPE_CHECKING:
    from tour.demo import Demo

TITLE = "What runs"


def show(demo: Demo) -> Iterator[RenderableType]:
    """The functions and the endpoint."""
    catalogue, cloud = demo.platform.catalogue, demo.platform.cloud
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_row("AWS endpoint", f"{cloud.endpoint}, for any AWS SDK and any credentials")
    if any(t.type == "http" for f in catalogue.functions.values() for t in f.triggers):
        table.add_row("HTTP API", cloud.api_url)
    for name, function in catalogue.functions.items():
        table.add_row(name, console.escape(function.description))
    yield table
