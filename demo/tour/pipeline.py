"""`make demo`: raw files of every kind through the pipeline, in the local cloud without Docker."""

from __future__ import annotations

import email.utils
import hashlib
import json
import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from datalake import layout
from datalake.contracts.prod import PROD_TABLES
from fleet import cloud, console
from fleet.catalogue import Catalogue
from fleet.catalogue.derive import consumed_queues, consumes, dead_letters, physical_name
from fleet.cloud import resources as cloud_resources
from fleet.cloud.resources import ENVIRONMENT
from fleet.emulation import client
from fleet.errors import FleetError
from fleet.images.events import write_sample
from fleet.paths import ROOT, STATE
from open_data import raw_files, sets
from open_data.raw_files import RawFile

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# Far above what the slowest machine took; a pipeline that stands still must not hang the demo.
PIPELINE_TIMEOUT_S = 400
PIPELINE = "raw-to-curated"


@dataclass(frozen=True)
class Result:
    """What became of one raw file: its data-quality report."""

    key: str
    report: dict[str, Any]


def run(catalogue: Catalogue) -> None:
    """Start the cloud, feed the pipeline, wait for it, print what came out.

    Leaves the cloud running; if interrupted, or if something fails, stops it when it was not
    running before.
    """
    ran_before = cloud.status() is not None
    try:
        started = time.monotonic()
        running = cloud.start(catalogue, "process", progress=console.err.print)
        console.err.print(f"Local cloud ready after {time.monotonic() - started:.1f} s")
        s3 = client("s3", running.endpoint)
        started = time.monotonic()
        results = list(_process(catalogue, s3, list(_raw_files(catalogue))))
        seconds = time.monotonic() - started
        sqs = client("sqs", running.endpoint)
        _wait_until_idle(catalogue, sqs)
        seconds_to_products = time.monotonic() - started
        consumers = [name for name, f in catalogue.functions.items() if consumes(f)]
        dead = sum(_messages(catalogue, sqs, dead_letters(name)) for name in consumers)
    except BaseException:
        if not ran_before:
            cloud.stop()
        raise
    _print_results(results, seconds)
    _print_products(catalogue, s3, seconds_to_products)
    _print_more(catalogue, running)
    if dead or any(r.report["status"] != "curated" for r in results):
        raise FleetError(f"Not everything was curated; {dead} messages are in dead-letter queues")


def _raw_files(catalogue: Catalogue) -> Iterator[RawFile]:
    samples = ROOT / catalogue.folder_of(PIPELINE)
    if online_retail := sets.online_retail():
        yield from raw_files.monthly_files(online_retail)
    else:
        yield raw_files.stand_in(samples, "online-retail/2010-12.csv")
        console.err.print(
            "Online Retail (541,909 rows) is not here: a made-up sample stands in; "
            "`make data` fetches it"
        )
    if cards := sets.card_transactions():
        yield from raw_files.weekly_files(cards)
        console.err.print(
            f"Of {sets.CARD_TRANSACTIONS_ROWS:,} card transactions the first "
            f"{raw_files.CARD_DAYS} days are used"
        )
    else:
        yield raw_files.stand_in(samples, "card-transactions/week-1.parquet")
        console.err.print(
            "Card transactions are not here: a made-up sample stands in; the real ones are "
            f"{sets.CARD_TRANSACTIONS_FILE} in the folder that FLEET_DATA_DIR names"
        )
    yield from raw_files.packaged_files(raw_files.sample_data(STATE / "envs", console.err.print))


def _process(catalogue: Catalogue, s3: S3Client, files: list[RawFile]) -> Iterator[Result]:
    """Put every file, then yield each report as it is written for this put."""
    raw, curated = (physical_name(catalogue, ENVIRONMENT, bucket) for bucket in ("raw", "curated"))
    with console.progress() as progress:
        upload = progress.add_task("Raw files put", total=len(files))
        work = progress.add_task("Raw files curated", total=len(files))
        since = s3.list_buckets()["ResponseMetadata"]["HTTPHeaders"]["date"]
        awaited = {}
        for file in files:
            s3.put_object(Bucket=raw, Key=file.key, Body=file.content)
            awaited[hashlib.md5(file.content, usedforsecurity=False).hexdigest(), file.key] = file
            progress.advance(upload)
        deadline = time.monotonic() + PIPELINE_TIMEOUT_S
        while awaited:
            for result in _new_reports(s3, curated, since):
                if awaited.pop((result.report["etag"].strip('"'), result.key), None):
                    progress.advance(work)
                    yield result
            if time.monotonic() > deadline:
                missing = ", ".join(key for _, key in awaited)
                raise FleetError(
                    f"No report on {missing} after {PIPELINE_TIMEOUT_S} s; "
                    "see `make logs FUNCTION=raw-to-curated`"
                )
            time.sleep(0.1)


def _new_reports(s3: S3Client, bucket: str, since: str) -> Iterator[Result]:
    """Reports and rejections that were written at or after an HTTP date."""
    threshold = email.utils.parsedate_to_datetime(since)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=layout.REPORTS)
    for page in pages:
        for item in page.get("Contents", []):
            if layout.is_report(item["Key"]) and item["LastModified"] >= threshold:
                body = s3.get_object(Bucket=bucket, Key=item["Key"])["Body"]
                report = json.load(body)
                yield Result(report["object_key"], report)


def _wait_until_idle(catalogue: Catalogue, sqs: Any) -> None:
    """Return once no queue has a message left, waiting or at work."""
    deadline = time.monotonic() + PIPELINE_TIMEOUT_S
    queues = [q.name for name in catalogue.functions for q in consumed_queues(catalogue, name)]
    with console.working("Waiting for the products ..."):
        while waiting := sum(_messages(catalogue, sqs, queue) for queue in queues):
            if time.monotonic() > deadline:
                raise FleetError(
                    f"{waiting} messages still wait after {PIPELINE_TIMEOUT_S} s; "
                    "`make logs FUNCTION=...` shows what the functions do"
                )
            time.sleep(0.1)


def _messages(catalogue: Catalogue, sqs: Any, queue: str) -> int:
    """How many messages a queue holds, those being worked on included."""
    url = sqs.get_queue_url(QueueName=physical_name(catalogue, ENVIRONMENT, queue))["QueueUrl"]
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)
    return sum(int(answer["Attributes"][name]) for name in names)


def _print_products(catalogue: Catalogue, s3: S3Client, seconds: float) -> None:
    """Print which partitions there are of each product, by the manifests in the prod bucket."""
    partitions: Counter[str] = Counter()
    sources: defaultdict[str, set[str]] = defaultdict(set)
    bucket = physical_name(catalogue, ENVIRONMENT, "prod")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for key in (item["Key"] for item in page.get("Contents", [])):
            if layout.is_manifest(key):
                name, source, *_ = key.split("/")
                partitions[name] += 1
                sources[name].add(source.removeprefix("source="))
    table = console.table(["product", "for", "made of"], ["partitions"])
    for product in PROD_TABLES:
        of = ", ".join(sorted(sources[product.name]))
        table.add_row(product.name, product.reader, of, f"{partitions[product.name]:,}")
    console.out.print(f"\nProducts, {seconds:.1f} s after the first put:")
    console.out.print(table)


def _print_results(results: list[Result], seconds: float) -> None:
    columns = ["rows in", "curated", "quarantined", "duplicates"]
    table = console.table(["raw file", "into"], columns)
    totals: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for result in sorted(results, key=lambda r: r.key):
        counts = _counts(result.report)
        totals.update(counts)
        reasons.update(result.report.get("quarantine_reasons", {}))
        into = ", ".join(f"{n:,} {name}" for name, n in _curated(result.report).items() if n)
        table.add_row(result.key, into, *(f"{counts[column]:,}" for column in columns))
    table.add_section()
    table.add_row("all", "", *(f"{totals[column]:,}" for column in columns), style="bold")
    console.out.print(table)
    console.out.print(
        f"\n{totals['rows in']:,} rows in = {totals['curated']:,} curated + "
        f"{totals['quarantined']:,} quarantined + {totals['duplicates']:,} exact duplicates, "
        f"{seconds:.1f} s from the first put to the last report"
    )
    console.out.print("\nWhy rows were quarantined (a row may have several reasons):")
    for reason, count in reasons.most_common():
        console.out.print(f"  {count:>7,}  {reason}")


def _counts(report: dict[str, Any]) -> dict[str, int]:
    return {
        "rows in": report.get("rows_in", 0),
        "curated": sum(_curated(report).values()),
        "quarantined": report.get("rows_quarantined", 0),
        "duplicates": report.get("exact_duplicates", 0),
    }


def _curated(report: dict[str, Any]) -> dict[str, int]:
    """Rows by curated table."""
    rows: dict[str, int] = report.get("rows_curated", {})
    return rows


def _print_more(catalogue: Catalogue, running: cloud.Cloud) -> None:
    resources = cloud_resources.resources_of(catalogue, running.endpoint, cloud.POOL_SIZE)
    [resource] = [f for f in resources.functions if f.logical == PIPELINE]
    sample = write_sample(catalogue, PIPELINE, resource.environment, STATE / "events")
    invocations = f"{running.endpoint}/2015-03-31/functions/{resource.name}/invocations"
    console.out.print(
        f"\nThe local cloud still runs at {running.endpoint} (any AWS SDK, any credentials):\n"
        f"  curl {invocations} -d @{os.path.relpath(sample)}\n"
        f"  make logs FUNCTION={PIPELINE}\n"
        "  make down"
    )
