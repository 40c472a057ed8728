"""`make bench BENCH=card-scan`: how fast compliance-guardian reads files without findings.

The baseline searches the text with the regular expression that most people use for card numbers.
The rows are those of Online Retail, or of a made-up shop of its size where it is not here
(`make data`).
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterator

import polars as pl
import polars.selectors as cs

from compliance_guardian.objects.reader import Totals, find
from fleet import command
from fleet.errors import FleetError
from open_data import sets, stand_ins

USUAL = re.compile(r"\b(?:[0-9][ -]*?){13,19}\b")
# A pass of a scanner reads files far greater than its blocks.
COPIES = 2
TEXT_ROWS = 100_000
ROUNDS = 3


def main() -> None:
    """Measure each form and print a table."""
    data = stand_ins.online_retail(sets.ONLINE_RETAIL_ROWS)
    print(data.title, flush=True)
    print(f"{'':32} {'MB':>5} {'MB/s':>5} {'baseline':>8} {'ratio':>5}")
    for name, content in _forms(data.rows):
        size = len(content) / 1e6
        seconds, usual = _fastest(_scan, content), _fastest(_search, content)
        print(
            f"{name:32} {size:5.0f} {size / seconds:5.0f} {size / usual:8.0f} "
            f"{usual / seconds:5.1f}",
            flush=True,
        )


def _forms(rows: pl.DataFrame) -> Iterator[tuple[str, bytes]]:
    yield "CSV", rows.write_csv().encode() * COPIES
    some = rows.head(TEXT_ROWS)
    yield "JSON Lines", some.write_ndjson().encode()
    numbers = some.select(cs.numeric())
    yield "numbers between blanks", numbers.write_csv(separator=" ", include_header=False).encode()


def _scan(content: bytes) -> None:
    totals = Totals()
    if found := sum(1 for _ in find(io.BytesIO(content), totals)):
        raise FleetError(f"{found} findings in data that has none.")


def _search(content: bytes) -> None:
    for _ in USUAL.finditer(content.decode()):
        pass


def _fastest(run: Callable[[bytes], None], content: bytes) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        run(content)
        times.append(time.perf_counter() - started)
    return min(times)


if __name__ == "__main__":
    command.run(main)
