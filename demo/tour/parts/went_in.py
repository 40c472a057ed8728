"""What went into the raw bucket."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import RenderableType

from fleet import console
from tour.feed import source_of

if TYPE_CHECKING:
    from tour.demo import Demo

TITLE = "What went in"


def show(demo: Demo) -> Iterator[RenderableType]:
    """Which data it was, then a line for each source."""
    yield f"Data: {console.escape(demo.data)}"
    sent = demo.delivery.sent
    files = Counter(source_of(file.key) for file in sent)
    sizes: Counter[str] = Counter()
    for file in sent:
        sizes[source_of(file.key)] += file.size
    rows: Counter[str] = Counter()
    for report in demo.delivery.reports:
        rows[source_of(report["object_key"])] += report.get("rows_in", 0)
    table = console.table(["source"], ["files", "MB", "rows in"])
    for source in sorted(files):
        size = f"{sizes[source] / 1e6:,.1f}"
        table.add_row(source, f"{files[source]:,}", size, f"{rows[source]:,}")
    yield table
    others = len({item["Key"] for item in demo.platform.objects("raw")} - {f.key for f in sent})
    if others:
        yield (
            f"The raw bucket has {others:,} more files, from before. "
            "`make down PURGE=1` deletes all data, so that the next demo starts afresh."
        )
