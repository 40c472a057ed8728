"""`make bench BENCH=growth ARGS=local-cloud`: 1,000 objects through the local cloud beside 100.

Each number of objects has a local cloud of its own, in process mode. The clock runs from the first
upload until every object has its report and every queue is empty.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import polars as pl
from objects import KEY, objects

from datalake import layout
from fleet import cloud
from fleet.catalogue import Catalogue, load
from fleet.catalogue.derive import consumed_queues
from fleet.paths import CATALOGUE
from tour.platform import Platform

COUNTS = (100, 1_000)
MOST = 11
"""How many times as long ten times the objects may take."""

# At the same time, as several uploaders would.
_UPLOADS = 8


def main(rows: pl.DataFrame) -> None:
    """Measure and print. Exits with an error where the ratio is above MOST."""
    catalogue = load(CATALOGUE)
    few, many = (_seconds(catalogue, rows, count) for count in COUNTS)
    print(f"{COUNTS[1]:,} objects take {many / few:.1f} times as long as {COUNTS[0]:,}")
    if many / few > MOST:
        sys.exit(f"that is more than {MOST} times")


def _seconds(catalogue: Catalogue, rows: pl.DataFrame, count: int) -> float:
    with cloud.temporary(catalogue) as running:
        seconds = _work(Platform(catalogue, running), list(objects(rows, count)))
    print(f"{count:>6,} objects: {seconds:7.1f} s, {seconds / count:.2f} s each")
    return seconds


def _work(platform: Platform, bodies: list[bytes]) -> float:
    catalogue = platform.catalogue
    queues = [q.name for name in catalogue.functions for q in consumed_queues(catalogue, name)]
    raw, s3 = platform.name("raw"), platform.s3
    started = time.monotonic()
    with ThreadPoolExecutor(_UPLOADS) as pool:
        for number, body in enumerate(bodies):
            pool.submit(s3.put_object, Bucket=raw, Key=KEY.format(number=number), Body=body)
    # Reports are counted once the queues are empty: a list of all takes longer with each object.
    while any(map(platform.messages, queues)) or _reports(platform) < len(bodies):
        time.sleep(0.5)
    return time.monotonic() - started


def _reports(platform: Platform) -> int:
    found = platform.objects("curated", layout.REPORTS)
    return sum(layout.is_report(item["Key"]) for item in found)
