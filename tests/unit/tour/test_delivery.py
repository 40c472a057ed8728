"""Files are put, and their reports awaited, against an S3 that answers as curation goes on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from datalake.layout import CuratedObject
from fleet.catalogue import load
from fleet.errors import FleetError
from fleet.paths import CATALOGUE
from tour import delivery
from tour.delivery import deliver
from tour.platform import Platform

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BEFORE = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class File:
    key: str
    content: bytes = b"rows"


@dataclass
class Pipeline:
    """Curates one file at each look at the bucket; `old` are reports of an earlier run."""

    old: list[tuple[str, bytes]] = field(default_factory=list)
    curates: bool = True
    waiting: list[tuple[str, bytes]] = field(default_factory=list)
    inbox: list[str] = field(default_factory=list)
    releases: bool = True
    reports: dict[str, tuple[datetime, bytes]] = field(default_factory=dict)
    idle_after: int = 2
    reads: int = 0
    catalogue: Any = field(default_factory=lambda: load(CATALOGUE))

    def __post_init__(self) -> None:
        for key, content in self.old:
            self.report(BEFORE, key, content)

    def report(self, when: datetime, key: str, content: bytes) -> None:
        etag = hashlib.md5(content).hexdigest()
        body = json.dumps({"object_key": key, "etag": f'"{etag}"', "status": "curated"})
        at = CuratedObject.of(key.partition("/")[0], key).report_key
        self.reports[at] = (when, body.encode())

    @property
    def s3(self) -> Any:
        date = {"ResponseMetadata": {"HTTPHeaders": {"date": format_datetime(NOW, usegmt=True)}}}
        return SimpleNamespace(
            list_buckets=lambda: date,
            put_object=self.put,
        )

    def put(self, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803 - as boto3 has it
        if Bucket == "raw":
            self.waiting.append((Key, Body))
        else:
            self.inbox.append(Key)
            if self.releases:
                self.report(BEFORE, Key, b"masked " + Body)

    def name(self, logical: str) -> str:
        return logical

    def objects(self, bucket: str, prefix: str = "") -> Iterator[dict[str, Any]]:
        if self.waiting and self.curates:
            self.report(NOW, *self.waiting.pop())
        for key, (when, body) in self.reports.items():
            yield {"Key": key, "LastModified": when, "ETag": hashlib.md5(body).hexdigest()}

    def read(self, bucket: str, key: str) -> bytes:
        self.reads += 1
        return self.reports[key][1]

    def messages(self, queue: str) -> int:
        self.idle_after -= not queue.endswith("-dlq")
        return int(self.idle_after > 0)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "POLL_S", 0)


def run(pipeline: Pipeline, *files: File) -> delivery.Delivery:
    return deliver(cast(Platform, pipeline), iter(files))


def test_each_file_gets_its_report_and_each_report_is_read_once() -> None:
    pipeline = Pipeline()
    files = [File(f"stocks/{year}.csv", bytes(year)) for year in (1, 2, 3)]

    found = run(pipeline, *files)

    assert [sent.key for sent in found.sent] == [file.key for file in files]
    assert [sent.size for sent in found.sent] == [1, 2, 3]
    assert {report["object_key"] for report in found.reports} == {file.key for file in files}
    assert pipeline.reads == 3
    assert (pipeline.idle_after <= 0, found.dead_letters) == (True, 0)


def test_a_report_of_an_earlier_run_or_on_another_version_is_no_answer() -> None:
    pipeline = Pipeline(old=[("stocks/1.csv", b"rows"), ("stocks/2.csv", b"other rows")])

    found = run(pipeline, File("stocks/1.csv"), File("stocks/2.csv"))

    assert len(found.reports) == 2
    assert pipeline.reads == 2


def test_a_file_without_a_report_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "TIMEOUT_S", 0)

    with pytest.raises(FleetError, match=r"No report on stocks/1\.csv after .*`make logs"):
        run(Pipeline(curates=False), File("stocks/1.csv"))


def test_a_file_of_a_source_that_is_masked_goes_through_the_inbox() -> None:
    pipeline = Pipeline()

    found = run(pipeline, File("customer-master/1.jsonl"), File("stocks/1.csv"))

    assert pipeline.inbox == ["customer-master/1.jsonl"]
    assert [report["object_key"] for report in found.reports] == [
        "stocks/1.csv",
        "customer-master/1.jsonl",
    ]


def test_a_file_that_was_not_released_is_named() -> None:
    with pytest.raises(FleetError, match=r"customer-master/1\.jsonl.*compliance-guardian-inbox"):
        run(Pipeline(releases=False), File("customer-master/1.jsonl"))
