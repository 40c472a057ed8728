"""`make bench BENCH=growth`: what the n-th object of a source costs, in calls, bytes and CPU.

Objects of 200 rows of Online Retail, each over all its months, go through raw-to-curated one by
one, and their reports through curated-to-prod in batches, as from the queues of the local cloud.
The storage is in memory and counts. `make bench BENCH=growth ARGS=local-cloud` measures the time in
the local cloud instead. A made-up shop of its size replaces Online Retail where that is not here
(`make data`).
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl
from counting import CountingStorage
from objects import KEY, objects

from curated_to_prod.service import Service as Publication
from curated_to_prod.settings import Settings as PublicationSettings
from datalake.layout import CuratedObject
from lambda_app.s3_events import CreatedObject
from open_data import sets, stand_ins
from raw_to_curated.service import Service as Curation
from raw_to_curated.settings import Settings as CurationSettings

COUNTS = (10, 100, 1_000)
BATCH = 10
"""Reports of a batch in the local cloud. On AWS a window lets more come together."""

CURATION_CALLS = 16
"""Most calls of raw-to-curated for an object."""

CALLS_A_PARTITION, CONSTANT = 3, 10
"""Most calls of curated-to-prod: for each partition that is written, and besides, an object."""


@dataclass
class Cost:
    """What some objects cost together."""

    seconds: float = 0.0
    calls: Counter[str] = field(default_factory=Counter)
    bytes: Counter[str] = field(default_factory=Counter)
    partitions: int = 0


class Pipeline:
    """Both functions on one storage."""

    def __init__(self) -> None:
        self.storage = CountingStorage()
        buckets = {"curated_bucket": "curated"}
        self._curation = Curation(
            self.storage,
            CurationSettings(raw_bucket="raw", quarantine_bucket="quarantine", **buckets),
        )
        self._publication = Publication(
            self.storage, PublicationSettings(prod_bucket="prod", **buckets)
        )

    def curate(self, key: str, body: bytes) -> Cost:
        """One object through raw-to-curated."""
        info = self.storage.write("raw", key, body)
        created = CreatedObject(key, "01", info.etag, info.version_id)
        return self._measured(lambda: self._curation.process(created) and 0)

    def publish(self, keys: list[str]) -> Cost:
        """The reports on some objects through curated-to-prod, together."""
        reports = [CuratedObject.of("online-retail", key).report_key for key in keys]
        return self._measured(lambda: len(self._publication.process(*reports).written))

    def _measured(self, work: Callable[[], int]) -> Cost:
        self.storage.calls.clear()
        self.storage.bytes.clear()
        started = time.process_time()
        partitions = work()
        seconds = time.process_time() - started
        return Cost(seconds, +self.storage.calls, +self.storage.bytes, partitions)


def main(rows: pl.DataFrame) -> None:
    """Measure and print. Exits with an error where a bound does not hold."""
    pipeline = Pipeline()
    bodies = objects(rows, max(COUNTS) + len(COUNTS))
    number = 0
    print(f"{'':34}{'calls':>7}{'read':>11}{'written':>11}{'CPU s':>8}{'partitions':>12}")
    for count in COUNTS:
        while number < count:
            keys = [KEY.format(number=n) for n in range(number, number + BATCH)]
            curated = [pipeline.curate(key, next(bodies)) for key in keys]
            published = pipeline.publish(keys)
            number += BATCH
        _print(f"raw-to-curated, object {count}", curated[-1])
        _print(f"curated-to-prod, {BATCH} up to object {count}", published)
        _check(curated[-1], published)
        extra = KEY.format(number=f"extra-{count}")
        pipeline.curate(extra, next(bodies))
        alone = pipeline.publish([extra])
        _print("curated-to-prod, one more alone", alone)
        _check(curated[-1], alone)


def _print(what: str, cost: Cost) -> None:
    print(
        f"{what:34}{cost.calls.total():>7}{cost.bytes['read']:>11,}{cost.bytes['written']:>11,}"
        f"{cost.seconds:>8.2f}{cost.partitions or '':>12}"
    )


def _check(curated: Cost, published: Cost) -> None:
    if curated.calls.total() > CURATION_CALLS:
        sys.exit(f"raw-to-curated made {dict(curated.calls)} for an object, not {CURATION_CALLS}")
    most = CALLS_A_PARTITION * published.partitions + CONSTANT * BATCH
    if published.calls.total() > most:
        sys.exit(f"curated-to-prod made {dict(published.calls)}, more than {most}")


if __name__ == "__main__":
    data = stand_ins.online_retail(sets.ONLINE_RETAIL_ROWS)
    print(data.title, flush=True)
    if sys.argv[1:] == ["local-cloud"]:
        # It needs the command line of this repository, which counting does not.
        import local_cloud

        local_cloud.main(data.rows)
    else:
        main(data.rows)
