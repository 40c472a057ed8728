"""What is written where, and that it does not depend on order, repetition, races or crashes."""

from __future__ import annotations

import io
import itertools
import os
import subprocess
import sys
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import polars as pl
import pytest

from data_plane import data_sets
from data_plane.faulty_storage import Faulty, Stopped, stopped
from data_plane.uploads import (
    BAD,
    FULL,
    KEY,
    ORDER,
    SETTINGS,
    SMALL,
    report,
    upload,
)
from datalake.contracts.curated import ORDERS, QUARANTINE, RETURNS
from datalake.layout import CuratedObject
from datalake.memory import MemoryStorage
from datalake.quality_report import CuratedReport, RejectionReport
from fleet.paths import ROOT
from lambda_app.s3_events import CreatedObject
from raw_to_curated import curate, lines, quality
from raw_to_curated import service as service_module
from raw_to_curated.service import Service, Status

MORE = "".join(ORDER.replace("536365", str(540000 + number)) for number in range(4))
BROKEN = "Invoice,Other\n1,2\n"


def results(storage: MemoryStorage) -> dict[tuple[str, str], tuple[bytes, Mapping[str, str]]]:
    return {name: value for name, value in storage.snapshot().items() if name[0] != "raw"}


def test_a_good_object_is_written_and_reported(storage: MemoryStorage, service: Service) -> None:
    outcome = service.process(upload(storage, FULL, "0A"))
    assert outcome.status is Status.CURATED
    written = report(storage, CuratedObject.of("online-retail", KEY).report_key)
    assert outcome.report is not None
    assert written == outcome.report.content()
    assert {name: written[name] for name in ("status", "source", "object_key", "sequencer")} == {
        "status": "curated",
        "source": "online-retail",
        "object_key": KEY,
        "sequencer": "0A",
    }
    assert (written["rows_in"], written["exact_duplicates"]) == (4, 1)
    assert written["rows_curated"] == {"orders": 1, "returns": 1}
    assert written["quarantine_reasons"] == {"non_positive_price": 1}
    for output, table in zip(written["outputs"], (ORDERS, RETURNS, QUARANTINE), strict=True):
        stored = storage.get(output["bucket"], output["key"])
        frame = pl.read_parquet(io.BytesIO(stored.body))
        table.check(frame)
        assert (output["rows"], output["bytes"]) == (frame.height, stored.info.size)
        assert output["sha256"] == stored.info.metadata["sha256"]
        assert stored.info.metadata["source-etag"] == written["etag"]
    assert written["outputs"][0]["time_range"]["ordered_at"] == {
        "min": "2010-12-01T08:26:00.000000Z",
        "max": "2010-12-01T08:26:00.000000Z",
    }
    assert written["outputs"][0]["null_counts"]["customer_id"] == 0
    assert set(results(storage)) == {
        ("curated", CuratedObject.of("online-retail", KEY).report_key),
        ("curated", CuratedObject.of("online-retail", KEY).page_key),
        *((output["bucket"], output["key"]) for output in written["outputs"]),
    }


def test_the_second_delivery_writes_nothing(storage: MemoryStorage, service: Service) -> None:
    raw_object = upload(storage, FULL, "0A")
    service.process(raw_object)
    before = {name: storage.head(*name) for name in results(storage)}
    assert service.process(raw_object).status is Status.CURATED
    assert {name: storage.head(*name) for name in results(storage)} == before


def test_a_rejected_object_leaves_earlier_results(storage: MemoryStorage, service: Service) -> None:
    service.process(upload(storage, FULL, "0A"))
    before = results(storage)
    outcome = service.process(upload(storage, BROKEN, "0B"))
    assert outcome.status is Status.REJECTED
    key = CuratedObject.of("online-retail", KEY).rejection_key
    written = report(storage, key)
    assert (written["status"], written["reason"]) == ("rejected", "columns_mismatch")
    assert written["details"]["extra"] == ["Invoice", "Other"]
    after = results(storage)
    del after[("curated", key)]
    assert after == before


def _after_versions(order: tuple[int, ...]) -> object:
    """The results when events of four versions come in this order."""
    storage = MemoryStorage()
    versions = enumerate([FULL, BROKEN, SMALL, BROKEN + "more\n"])
    events = [upload(storage, text, f"0{number}") for number, text in versions]
    for number in order:
        Service(storage, SETTINGS).process(events[number])
    return results(storage)


@pytest.fixture(scope="module")
def after_versions_in_order() -> object:
    return _after_versions((0, 1, 2, 3))


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
def test_the_order_of_versions_does_not_matter(
    order: tuple[int, ...], after_versions_in_order: object
) -> None:
    assert _after_versions(order) == after_versions_in_order


def test_a_newer_version_without_returns_clears_the_older_ones(
    storage: MemoryStorage, service: Service
) -> None:
    service.process(upload(storage, FULL, "0A"))
    service.process(upload(storage, SMALL, "0B"))
    for bucket, key in (
        ("curated", CuratedObject.of("online-retail", KEY).table_key("returns")),
        ("quarantine", CuratedObject.of("online-retail", KEY).quarantine_key()),
    ):
        assert pl.read_parquet(io.BytesIO(storage.get(bucket, key).body)).is_empty()


@pytest.fixture
def many_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Segments of two rows or so, without scores, so that there are parts and yet time."""
    monkeypatch.setattr(quality, "assess", lambda orders, returns, rules: (orders, returns))
    monkeypatch.setattr(lines, "CHUNK_BYTES", 160)
    monkeypatch.setattr(curate, "SEGMENT_BYTES", 1)


@pytest.mark.usefixtures("many_parts")
def test_a_stop_at_any_call_is_healed_by_the_next_delivery() -> None:
    begin = MemoryStorage()
    older = upload(begin, FULL + MORE, "0A")
    Service(begin, SETTINGS).process(older)
    newer = upload(begin, FULL, "0B")

    def deliver(storage: Any, *events: CreatedObject) -> dict[Any, Any]:
        for event in events:
            Service(storage, SETTINGS).process(event)
        return results(storage)

    calm = deliver(deepcopy(begin), newer)
    assert any("part-1" in key for _, key in calm)
    for call, left in stopped(begin, lambda storage: Service(storage, SETTINGS).process(newer)):
        assert deliver(deepcopy(left), newer) == calm, call
        # The older version's event comes again between.
        assert deliver(left, older, newer) == calm, call


def test_the_report_is_written_after_the_tables() -> None:
    storage = MemoryStorage()
    raw_object = upload(storage, FULL, "0A")
    counted = Faulty(storage)
    Service(counted, SETTINGS).process(raw_object)
    for number in range(1, len(counted.calls) + 1):
        storage = MemoryStorage()
        upload(storage, FULL, "0A")
        with pytest.raises(Stopped):
            Service(Faulty(storage, number), SETTINGS).process(raw_object)
        key = CuratedObject.of("online-retail", KEY).report_key
        if storage.head("curated", key) is not None:
            outputs = report(storage, key)["outputs"]
            assert all(storage.head(o["bucket"], o["key"]) for o in outputs)


@pytest.mark.usefixtures("many_parts")
def test_a_concurrent_stale_writer_never_overwrites_a_newer_result() -> None:
    class Interleaved(MemoryStorage):
        """The newer version is processed whole just before a put of the older one's writer."""

        calls = 0
        moment = 0
        newer: CreatedObject | None = None

        def put(self, bucket: str, key: str, body: bytes, **options: Any) -> str:
            self.calls += 1
            if self.newer is not None and self.calls > self.moment:
                newer, self.newer = self.newer, None
                Service(self, SETTINGS).process(newer)
            return super().put(bucket, key, body, **options)

    calm = MemoryStorage()
    upload(calm, FULL + MORE, "0A")
    Service(calm, SETTINGS).process(upload(calm, SMALL, "0B"))
    moment, puts = 0, 1
    while moment < puts:
        storage = Interleaved()
        older = upload(storage, FULL + MORE, "0A")
        storage.moment, storage.newer = moment, upload(storage, SMALL, "0B")
        outcome = Service(storage, SETTINGS).process(older)
        assert storage.newer is None
        assert outcome.status in (Status.SUPERSEDED, Status.CURATED)
        assert results(storage) == results(calm), moment
        moment, puts = moment + 1, storage.calls // 2
    assert moment > 5


@pytest.mark.usefixtures("many_parts")
def test_repeated_rows_are_found_across_all_parts(storage: MemoryStorage, service: Service) -> None:
    body = FULL + MORE + BAD + ORDER + MORE + ORDER
    outcome = service.process(upload(storage, body, "0A"))
    assert isinstance(outcome.report, CuratedReport)
    names = ("rows_in", "rows_curated", "rows_quarantined", "exact_duplicates")
    assert [getattr(outcome.report, name) for name in names] == [
        4 + 4 + 2 + 4 + 1,
        {"orders": 5, "returns": 1},
        1,
        8,
    ]
    orders = [output for output in outcome.report.outputs if output.table == "orders"]
    assert len(orders) > 2
    frames = [pl.read_parquet(io.BytesIO(storage.get("curated", o.key).body)) for o in orders]
    rows = pl.concat(frames)
    assert rows["line_number"].to_list() == [2, *range(6, 10)]
    assert [frame.height for frame in frames] == [o.rows for o in orders]


def test_an_object_that_changed_since_its_event_waits_for_the_later_event(
    storage: MemoryStorage, service: Service
) -> None:
    first = upload(storage, FULL, "0A")
    upload(storage, SMALL, "0B")
    outcome = service.process(CreatedObject(KEY, "0A", first.etag))  # a bucket without versions
    assert outcome.status is Status.SUPERSEDED
    assert results(storage) == {}


def test_a_deleted_object_is_no_error(storage: MemoryStorage, service: Service) -> None:
    assert service.process(CreatedObject(KEY, "0A")).status is Status.DELETED
    raw_object = upload(storage, FULL, "0A")
    gone = CreatedObject(KEY, "0A", raw_object.etag, "v9")
    assert service.process(gone).status is Status.DELETED
    assert results(storage) == {}


def test_an_event_without_etag_and_sequencer_is_accepted(
    storage: MemoryStorage, service: Service
) -> None:
    storage.write("raw", KEY, FULL.encode())
    outcome = service.process(CreatedObject(KEY))
    assert outcome.status is Status.CURATED
    assert isinstance(outcome.report, CuratedReport)
    assert outcome.report.sequencer is None


def test_an_unknown_source_is_rejected_with_the_known_ones_named(
    storage: MemoryStorage, service: Service
) -> None:
    outcome = service.process(upload(storage, FULL, "0A", key="elsewhere/a.csv"))
    assert isinstance(outcome.report, RejectionReport)
    assert outcome.report.reason == "unknown_source"
    assert "online-retail/, " in outcome.report.message
    assert list(results(storage)) == [
        ("curated", CuratedObject.of("_unmapped", "elsewhere/a.csv").rejection_key)
    ]


def test_a_large_object_is_rejected_unread(
    storage: MemoryStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_module, "MAX_TEXT_BYTES", 10)
    faulty = Faulty(storage)
    outcome = Service(faulty, SETTINGS).process(upload(storage, FULL, "0A"))
    assert isinstance(outcome.report, RejectionReport)
    assert outcome.report.reason == "too_large"
    assert "open" not in faulty.calls


DIGEST = """
import hashlib, sys
sys.path[:0] = sys.argv[1:]
from datalake.memory import MemoryStorage
from lambda_app.s3_events import CreatedObject
from raw_to_curated.service import Service
from raw_to_curated.settings import Settings
header, *rows = sys.stdin.read().splitlines(keepends=True)
storage = MemoryStorage()
many = [row.replace("536365", str(500000 + n)) for n in range(20000) for row in rows]
key = "online-retail/a.csv"
storage.write("raw", key, "".join([header, *many]).encode())
settings = Settings(raw_bucket="raw", curated_bucket="curated", quarantine_bucket="quarantine")
Service(storage, settings).process(CreatedObject(key))
state = storage.snapshot()
print(hashlib.sha256(repr([(name, state[name]) for name in sorted(state)]).encode()).hexdigest())
"""


def test_the_bytes_do_not_depend_on_the_number_of_threads() -> None:
    root = ROOT
    paths = [*(root / "libs").glob("*/src"), root / "lambda-functions/raw-to-curated/src"]
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST, *map(str, paths)],
            input=FULL,
            env={**os.environ, "POLARS_MAX_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "4")
    }
    assert len(digests) == 1


@pytest.fixture(scope="module")
def whole() -> CuratedReport:
    """The report on all of Online Retail, or on a made-up shop in its place."""
    storage = MemoryStorage()
    text = data_sets.online_retail_rows().rows.write_csv(datetime_format="%Y-%m-%d %H:%M:%S")
    created = upload(storage, text, "0A", key="online-retail/all.csv")
    report = Service(storage, SETTINGS).process(created).report
    assert isinstance(report, CuratedReport)
    return report


def test_every_line_of_online_retail_has_one_outcome(whole: CuratedReport) -> None:
    rows = data_sets.online_retail_rows().rows
    distinct = rows.unique()
    is_good = (pl.col("UnitPrice") > 0) & pl.col("InvoiceNo").str.contains(r"^C?\d{6}$")
    good = distinct.filter(is_good)

    assert whole.rows_in == rows.height
    assert whole.exact_duplicates == rows.height - distinct.height > 0
    assert whole.rows_quarantined == distinct.height - good.height
    assert whole.rows_curated == {
        "orders": good.filter(pl.col("Quantity") > 0).height,
        "returns": good.filter(pl.col("Quantity") < 0).height,
    }


def test_figures_of_the_published_online_retail(whole: CuratedReport) -> None:
    data_sets.require_real(data_sets.online_retail_rows())
    counts = ("rows_in", "rows_curated", "rows_quarantined", "quarantine_reasons")
    assert {name: getattr(whole, name) for name in counts} == {
        "rows_in": 541_909,
        "rows_curated": {"orders": 524_877, "returns": 9_251},
        "rows_quarantined": 2_513,
        # The three accounting adjustments; two of them have a negative price besides.
        "quarantine_reasons": {"invalid_identifier": 3, "non_positive_price": 2_512},
    }
    assert whole.exact_duplicates == 5_268
