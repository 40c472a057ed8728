"""Which tables were made for the systems that read them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType

from datalake import layout
from datalake.contracts.prod import PROD_TABLES
from fleet import console

if TYPE_CHECKING:
    from tour.demo import Demo

TITLE = "Products"


def show(demo: Demo) -> Iterator[RenderableType]:
    """The partitions of each table, by the manifests in the prod bucket."""
    partitions: Counter[str] = Counter()
    sources: defaultdict[str, set[str]] = defaultdict(set)
    for key in (item["Key"] for item in demo.platform.objects("prod")):
        if layout.is_manifest(key):
            name, source, *_ = key.split("/")
            partitions[name] += 1
            sources[name].add(source.removeprefix("source="))
    table = console.table(["table", "made of"], ["partitions"])
    for product in PROD_TABLES:
        of = ", ".join(sorted(sources[product.name])) or "-"
        table.add_row(product.name, of, f"{partitions[product.name]:,}")
    yield table
    yield (
        f"All were there {demo.delivery.seconds_to_products:.1f} s after the first put; "
        "docs/tables.md has columns, units and rules"
    )
