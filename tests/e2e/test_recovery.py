"""Function processes are killed in the middle of the work; what comes out is the same."""

from __future__ import annotations

import contextlib
import csv
import gzip
import hashlib
import io
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from e2e.cloudtest import get, wait_until
from fleet import cloud as local_cloud
from fleet.catalogue import derive, load
from fleet.cloud import Cloud
from fleet.cloud.processes import descendants_of
from fleet.emulation import client
from fleet.paths import CATALOGUE
from open_data import raw_files, sets
from open_data.raw_files import RawFile

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the Docker-free local cloud needs Linux"
)
FUNCTION = "raw-to-curated"
QUEUE = f"{FUNCTION}-s3-1"
RAW, *RESULTS = (f"fleet-local-{bucket}" for bucket in ("raw", "curated", "quarantine"))
# Also how long a message stays hidden whose function was killed.
TIMEOUT_S = 30
FILES = 24
# What the emulator says of an invocation whose process was killed.
KILLED = "Invoke failed error=Runtime exited with error: signal: killed"


@pytest.fixture(scope="module")
def cloud(shared_base: Path) -> Iterator[Cloud]:
    catalogue = load(CATALOGUE)
    function = catalogue.functions[FUNCTION].model_copy(update={"timeout_s": TIMEOUT_S})
    quick = catalogue.model_copy(update={"functions": {**catalogue.functions, FUNCTION: function}})
    with pytest.MonkeyPatch.context() as patch:
        # Killed twice, and slow on a busy machine, is no reason to give a message up.
        patch.setattr(derive, "MAX_RECEIVE_COUNT", 1000)
        yield local_cloud.start(quick, "process", base=shared_base)
    local_cloud.stop(base=shared_base, purge=True)


@pytest.fixture(scope="module")
def files(environments: Path) -> list[RawFile]:
    """Real data in many small files: one a day of Online Retail, or slices of SampleSuperstore."""
    if path := sets.online_retail():
        day = pl.col("InvoiceDate").dt.date()
        rows = pl.read_parquet(path).with_columns(day=day).sort("day", maintain_order=True)
        days = rows.partition_by("day", as_dict=True, include_key=False)
        return [
            RawFile(
                f"online-retail/{name}.csv",
                part.write_csv(datetime_format="%Y-%m-%d %H:%M:%S").encode(),
            )
            for (name,), part in list(days.items())[:FILES]
        ]
    whole = raw_files.superstore_file(raw_files.sample_data(environments, print))
    header, *lines = csv.reader(io.StringIO(gzip.decompress(whole.content).decode("cp1252")))
    return [
        RawFile(f"superstore/{n:02}.csv", _csv([header, *lines[n::FILES]])) for n in range(FILES)
    ]


def _csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("cp1252")


def test_killed_functions_and_repeated_files_change_nothing(
    cloud: Cloud, files: list[RawFile], shared_base: Path
) -> None:
    log = shared_base / "cloud" / "logs" / f"{FUNCTION}.log"
    undisturbed = process(cloud, files)
    assert {report["status"] for report in undisturbed.reports.values()} == {"curated"}

    repeated = process(cloud, files, after=undisturbed)

    assert repeated.outputs == undisturbed.outputs
    assert repeated.rows == undisturbed.rows

    delete_results(cloud)
    disturbed = process(cloud, files, meanwhile=lambda: [kill_at_work(cloud, log) for _ in "12"])

    assert disturbed.outputs == undisturbed.outputs
    assert disturbed.rows == undisturbed.rows
    assert log.read_text().count(KILLED) >= 2
    assert not any(queued(cloud, f"fleet-local-{FUNCTION}-dlq").values())


@dataclass(frozen=True)
class Results:
    """`reports` by raw key; `outputs` has the SHA-256 of every Parquet file."""

    reports: dict[str, dict[str, Any]]
    outputs: dict[str, str]

    @property
    def rows(self) -> dict[str, list[Any]]:
        """What every report says of rows; each adds up."""
        names = ("rows_in", "rows_curated", "rows_quarantined", "exact_duplicates")
        found = {key: [report[name] for name in names] for key, report in self.reports.items()}
        for rows, curated, *others in found.values():
            assert rows == sum(curated.values()) + sum(others)
        return found


def process(
    cloud: Cloud,
    files: list[RawFile],
    *,
    after: Results | None = None,
    meanwhile: Callable[[], object] = lambda: None,
) -> Results:
    """Put the files and wait until each has its report on this put, and no message is left."""
    s3 = client("s3", cloud.endpoint)
    old = {key: report["sequencer"] for key, report in after.reports.items()} if after else {}
    for file in files:
        s3.put_object(Bucket=RAW, Key=file.key, Body=file.content)
    meanwhile()
    known: dict[str, bytes] = {}

    def fresh() -> dict[str, dict[str, Any]]:
        reports = map(json.loads, read(cloud, "data-quality/", "/report.json", known).values())
        return {r["object_key"]: r for r in reports if r["sequencer"] != old.get(r["object_key"])}

    wait_until(lambda: len(fresh()) == len(files), "every file has its report")
    wait_until(lambda: not any(queued(cloud, f"fleet-local-{QUEUE}").values()), "no message")
    outputs = {
        key: hashlib.sha256(body).hexdigest() for key, body in read(cloud, "", ".parquet").items()
    }
    return Results(fresh(), outputs)


def kill_at_work(cloud: Cloud, log: Path) -> None:
    """Kill every process that runs the function until one was handling an event just then."""

    def hit() -> bool:
        text = log.read_text()
        if text.count(KILLED) > before:
            return True
        if text.count("START RequestId") > text.count("END RequestId") + text.count(KILLED):
            kill_functions(cloud)
        return False

    before = log.read_text().count(KILLED)
    wait_until(hit, "a function was killed at work")


def kill_functions(cloud: Cloud) -> None:
    """Kill the functions' processes, but not the emulators that started them."""
    _, body = get(f"http://127.0.0.1:{cloud.ports['dispatcher']}/functions")
    for emulator in json.loads(body)[FUNCTION]:
        for pid in descendants_of(emulator):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def read(
    cloud: Cloud, prefix: str, suffix: str, known: dict[str, bytes] | None = None
) -> dict[str, bytes]:
    """Every result under a prefix of both buckets; what is `known` by its ETag is not read."""
    s3 = client("s3", cloud.endpoint)
    known = {} if known is None else known
    found = {}
    for bucket in RESULTS:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for entry in page.get("Contents", []):
                key, etag = entry["Key"], entry["ETag"]
                if not key.endswith(suffix):
                    continue
                if etag not in known:
                    known[etag] = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
                found[f"{bucket}/{key}"] = known[etag]
    return found


def delete_results(cloud: Cloud) -> None:
    s3 = client("s3", cloud.endpoint)
    for name in read(cloud, "", ""):
        bucket, _, key = name.partition("/")
        s3.delete_object(Bucket=bucket, Key=key)


def queued(cloud: Cloud, queue: str) -> dict[str, int]:
    """How many messages wait, and how many are being handled."""
    sqs = client("sqs", cloud.endpoint)
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)
    return {name: int(answer["Attributes"][name]) for name in names}
