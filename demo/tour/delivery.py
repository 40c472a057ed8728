"""Sends raw files through the pipeline and waits for what becomes of them."""

from __future__ import annotations

import email.utils
import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from datalake import layout
from datalake.policies import policy_of
from fleet import console
from fleet.catalogue.derive import consumed_queues, consumes, dead_letters
from fleet.errors import FleetError
from tour.feed import RawFile, source_of
from tour.platform import Platform

# Far above what the slowest machine took; a pipeline that stands still must not hang the demo.
TIMEOUT_S = 900
POLL_S = 0.25


@dataclass(frozen=True)
class Sent:
    """A raw file that was put."""

    key: str
    size: int


@dataclass(frozen=True)
class Delivery:
    """What went in and what became of it.

    `reports` are the data-quality reports on the raw files; the times are from the first put to
    the last report, and to the last message.
    """

    sent: list[Sent]
    reports: list[dict[str, Any]]
    seconds_to_reports: float
    seconds_to_products: float
    dead_letters: int


def deliver(platform: Platform, files: Iterator[RawFile]) -> Delivery:
    """Put the files one by one, then wait for a report on each and for idle queues.

    A file goes to the bucket of its source's policy. Raises FleetError if that takes far too long,
    or if a file of the inbox was not released.
    """
    started = time.monotonic()
    # By the clock of the endpoint; reports of an earlier run are older.
    since = platform.s3.list_buckets()["ResponseMetadata"]["HTTPHeaders"]["date"]
    with console.progress() as progress:
        putting = progress.add_task("Raw files put", total=None)
        curating = progress.add_task("Raw files curated", total=None)
        sent = []
        awaited = set()
        to_inbox = []
        for file in files:
            bucket = policy_of(source_of(file.key)).bucket
            platform.s3.put_object(Bucket=platform.name(bucket), Key=file.key, Body=file.content)
            sent.append(Sent(file.key, len(file.content)))
            if bucket == "raw":
                awaited.add((_etag(file.content), file.key))
            else:
                to_inbox.append(file.key)
            progress.advance(putting)
        progress.update(putting, total=len(sent))
        progress.update(curating, total=len(awaited))
        reports = []
        for report in _reports(platform, since, awaited):
            reports.append(report)
            progress.advance(curating)
    seconds = time.monotonic() - started
    _wait_until_idle(platform)
    # An unchanged file is not released again, and what is released may be a masked copy: neither
    # time nor ETag tells the report on it.
    reports += [_report_on(platform, key) for key in to_inbox]
    consumers = [name for name, f in platform.catalogue.functions.items() if consumes(f)]
    return Delivery(
        sent,
        reports,
        seconds,
        time.monotonic() - started,
        sum(platform.messages(dead_letters(name)) for name in consumers),
    )


def _etag(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _reports(
    platform: Platform, since: str, awaited: set[tuple[str, str]]
) -> Iterator[dict[str, Any]]:
    """The report or rejection of each awaited file (ETag and key), as it is written."""
    threshold = email.utils.parsedate_to_datetime(since)
    seen: set[tuple[str, str]] = set()
    deadline = time.monotonic() + TIMEOUT_S
    while awaited:
        for item in platform.objects("curated", layout.REPORTS):
            key, version = item["Key"], (item["Key"], item["ETag"])
            if layout.is_report(key) and item["LastModified"] >= threshold and version not in seen:
                seen.add(version)
                report = json.loads(platform.read("curated", key))
                file = (report["etag"].strip('"'), report["object_key"])
                if file in awaited:
                    awaited.remove(file)
                    yield report
        if time.monotonic() > deadline:
            raise FleetError(
                f"No report on {', '.join(sorted(key for _, key in awaited))} after {TIMEOUT_S} s; "
                "see `make logs FUNCTION=raw-to-curated`"
            )
        time.sleep(POLL_S)


def _report_on(platform: Platform, key: str) -> dict[str, Any]:
    """The report on a file that went through the inbox."""
    at = layout.CuratedObject.of(source_of(key), key).report_key
    if not any(item["Key"] == at for item in platform.objects("curated", at)):
        raise FleetError(
            f"No report on {key}, which was put into the inbox; "
            "see `make logs FUNCTION=compliance-guardian-inbox`"
        )
    report: dict[str, Any] = json.loads(platform.read("curated", at))
    return report


def _wait_until_idle(platform: Platform) -> None:
    """Return once no queue has a message left, waiting or at work."""
    deadline = time.monotonic() + TIMEOUT_S
    catalogue = platform.catalogue
    queues = [q.name for name in catalogue.functions for q in consumed_queues(catalogue, name)]
    with console.working("Waiting for the products ..."):
        while waiting := sum(map(platform.messages, queues)):
            if time.monotonic() > deadline:
                raise FleetError(
                    f"{waiting} messages still wait after {TIMEOUT_S} s; "
                    "`make logs FUNCTION=...` shows what the functions do"
                )
            time.sleep(POLL_S)
