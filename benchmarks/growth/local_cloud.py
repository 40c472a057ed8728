"""`make bench BENCH=growth ARGS=local-cloud`: 1,000 objects through the local cloud beside 100.

Each number of objects has a local cloud of its own, in process mode. The clock runs from the first
upload until every object has its report and every queue is empty.
"""

from __future__ import annotations

import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl
from objects import KEY, objects

from datalake import layout
from fleet import cloud
from fleet.catalogue import Catalogue, load
from fleet.catalogue.derive import consumed_queues, physical_name
from fleet.cloud.resources import ENVIRONMENT
from fleet.emulation import client
from fleet.paths import CATALOGUE, STATE

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
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder) / ".fleet"
        base.mkdir()
        (STATE / "envs").mkdir(parents=True, exist_ok=True)
        (base / "envs").symlink_to(STATE / "envs")
        running = cloud.start(catalogue, "process", base=base)
        try:
            seconds = _work(catalogue, running.endpoint, list(objects(rows, count)))
        finally:
            cloud.stop(base=base, purge=True)
    print(f"{count:>6,} objects: {seconds:7.1f} s, {seconds / count:.2f} s each")
    return seconds


def _work(catalogue: Catalogue, endpoint: str, bodies: list[bytes]) -> float:
    raw, curated = (physical_name(catalogue, ENVIRONMENT, bucket) for bucket in ("raw", "curated"))
    s3, sqs = client("s3", endpoint), client("sqs", endpoint)
    urls = [
        sqs.get_queue_url(QueueName=physical_name(catalogue, ENVIRONMENT, queue.name))["QueueUrl"]
        for name in catalogue.functions
        for queue in consumed_queues(catalogue, name)
    ]
    started = time.monotonic()
    with ThreadPoolExecutor(_UPLOADS) as pool:
        for number, body in enumerate(bodies):
            pool.submit(s3.put_object, Bucket=raw, Key=KEY.format(number=number), Body=body)
    # Reports are counted once the queues are empty: a list of all takes longer with each object.
    while any(_messages(sqs, url) for url in urls) or _reports(s3, curated) < len(bodies):
        time.sleep(0.5)
    return time.monotonic() - started


def _reports(s3: Any, bucket: str) -> int:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=layout.REPORTS)
    return sum(layout.is_report(item["Key"]) for page in pages for item in page.get("Contents", []))


def _messages(sqs: Any, url: str) -> int:
    """Waiting or at work."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)
