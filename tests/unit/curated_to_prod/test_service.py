"""What is written where, and that it does not depend on order, repetition, races or crashes."""

from __future__ import annotations

import io
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from curated_to_prod import pipeline
from curated_to_prod.service import Service, Status
from data_plane.curated_objects import curate, frame, report_key
from data_plane.small_shop import (
    FEBRUARY,
    JANUARY,
    SETTINGS,
    Tables,
    at,
    line,
    manifest,
    process,
    put,
    result_of,
    rows,
    sales,
    state,
)
from datalake.contracts import ContractViolation
from datalake.contracts.curated import TRANSACTIONS
from datalake.contracts.prod import PROD_TABLES
from datalake.layout import is_internal, is_manifest
from datalake.memory import MemoryStorage
from datalake.parallel import Together, at_once, one_by_one
from datalake.storage import ObjectInfo, PreconditionFailedError, StoredObject
from fleet.paths import ROOT

MARCH = sales([line("5", "A", "2011-03-09", customer_id="2")])
CORRECTED = sales([line("1", "A", "2011-01-05"), line("2", "B", "2011-01-31T23:59", quantity=9)])
LATE = sales([line("6", "N", "2011-01-20")])


def folders(keys: list[str]) -> set[str]:
    return {key.rpartition("/")[0].replace("/source=shop", "") for key in keys}


def test_the_manifest_says_what_a_partition_was_made_from(storage: MemoryStorage) -> None:
    process(storage, put(storage, "jan", JANUARY))
    process(storage, put(storage, "feb", FEBRUARY))
    merged = manifest(storage, "merged_orders/source=shop/month=2011-01")
    reports = [
        json.loads(storage.get("curated", report_key("shop", n)).body) for n in ("feb", "jan")
    ]
    assert merged["inputs"] == [
        {"bucket": "curated", "key": output["key"], "sha256": output["sha256"]}
        for output in (report["outputs"][0] for report in reports)
    ]
    daily = manifest(storage, "demand_daily/source=shop/month=2011-02")
    assert [entry["key"] for entry in daily["inputs"]] == [
        "merged_orders/source=shop/month=2011-02/part-0.parquet",
        "merged_returns/source=shop/month=2011-02/part-0.parquet",
    ]
    assert daily["parameters"]["through"] == "2011-02-04"
    for key in storage.keys("prod"):
        if key.endswith("part-0.parquet") and not is_internal(key):
            stored = storage.get("prod", key)
            named = manifest(storage, key.rpartition("/")[0])
            assert named["sha256"] == stored.info.metadata["sha256"]
            assert named["bytes"] == stored.info.size
            frame = pl.read_parquet(io.BytesIO(stored.body))
            assert named["rows"] == frame.height > 0
            (table,) = (table for table in PROD_TABLES if table.name == named["product"])
            table.check(frame)


def test_the_second_delivery_writes_nothing(storage: MemoryStorage) -> None:
    key = put(storage, "jan", JANUARY)
    assert process(storage, key).status is Status.PUBLISHED
    before = {name: storage.head("prod", name) for name in storage.keys("prod")}
    outcome = process(storage, key)
    assert (outcome.status, outcome.written) == (Status.UNCHANGED, [])
    assert {name: storage.head("prod", name) for name in storage.keys("prod")} == before


def test_a_line_in_two_objects_counts_once(storage: MemoryStorage) -> None:
    process(storage, put(storage, "jan", JANUARY))
    process(storage, put(storage, "feb", FEBRUARY))
    january = rows(storage, "country_months/source=shop/month=2011-01/part-0.parquet")
    assert (january["orders"].item(), january["units"].item()) == (2, 4)
    merged = manifest(storage, "merged_orders/source=shop/month=2011-01")
    counts = ("rows_in", "repeated_across_objects", "rows")
    assert [merged[name] for name in counts] == [3, 1, 2]


def test_a_return_finds_its_order_in_another_object(storage: MemoryStorage) -> None:
    process(storage, put(storage, "credits", sales([], [line("C9", "A", "2011-02-04")])))
    key = "matched_returns/source=shop/month=2011-02/part-0.parquet"
    assert rows(storage, key)["matched_order_id"].to_list() == [None]
    process(storage, put(storage, "jan", JANUARY))
    assert rows(storage, key)["matched_order_id"].to_list() == ["1"]


def test_late_data_of_known_products_changes_its_month_and_what_follows(
    storage: MemoryStorage,
) -> None:
    for name, tables in (("jan", JANUARY), ("feb", FEBRUARY), ("mar", MARCH)):
        process(storage, put(storage, name, tables))
    late = sales([line("7", "B", "2011-02-20", customer_id="9")])
    outcome = process(storage, put(storage, "late", late))
    assert folders(outcome.written) == {
        "merged_orders/month=2011-02",
        "product_months/month=2011-02",
        "demand_daily/month=2011-02",
        # The week of 31 January ends in February.
        "demand_weekly/month=2011-01",
        "demand_weekly/month=2011-02",
        "customer_days/month=2011-02",
        "customer_features/as_of=2011-03-01",
        "customer_features/as_of=2011-04-01",
        "matched_returns/month=2011-02",
        "country_months/month=2011-02",
        "copilot_facts",
    }


def test_a_late_new_product_reaches_the_months_that_it_is_missing_in(
    storage: MemoryStorage,
) -> None:
    for name, tables in (("jan", JANUARY), ("feb", FEBRUARY), ("mar", MARCH)):
        process(storage, put(storage, name, tables))
    outcome = process(storage, put(storage, "late", LATE))
    demand = {folder for folder in folders(outcome.written) if folder.startswith("demand_daily")}
    assert demand == {f"demand_daily/month=2011-0{month}" for month in (1, 2, 3)}
    march = rows(storage, "demand_daily/source=shop/month=2011-03/part-0.parquet")
    assert march.filter(pl.col("product_id") == "N")["units"].to_list() == [0] * 9


def test_a_later_day_lengthens_the_month_before(storage: MemoryStorage) -> None:
    process(storage, put(storage, "jan", JANUARY))
    january = storage.head("prod", "demand_daily/source=shop/month=2011-01/part-0.parquet")
    process(storage, put(storage, "feb", sales([line("3", "A", "2011-02-03")])))
    process(storage, put(storage, "mar", MARCH))
    february = rows(storage, "demand_daily/source=shop/month=2011-02/part-0.parquet")
    assert february.filter(pl.col("product_id") == "A").height == 28
    again = storage.head("prod", "demand_daily/source=shop/month=2011-01/part-0.parquet")
    assert again == january


def test_a_month_without_sales_has_its_zeros(storage: MemoryStorage) -> None:
    process(storage, put(storage, "jan", JANUARY))
    process(storage, put(storage, "mar", MARCH))
    february = rows(storage, "demand_daily/source=shop/month=2011-02/part-0.parquet")
    assert february.height == 2 * 28
    assert february["units"].sum() == 0


def test_payments_reach_two_months_further(storage: MemoryStorage) -> None:
    def payment(when: str, customer: str = "1") -> Tables:
        row = {
            "customer_id": customer,
            "terminal_id": "t",
            "transacted_at": at(when),
            "amount": Decimal(1),
            "currency": "EUR",
            "transaction_id": None,
            "quantity": None,
            "is_fraud": True,
        }
        return {"transactions": frame(TRANSACTIONS, [row])}

    for month in range(1, 7):
        process(storage, put(storage, f"m{month}", payment(f"2018-0{month}-01")))
    outcome = process(storage, put(storage, "late", payment("2018-02-26")))
    features = {f for f in folders(outcome.written) if f.startswith("transaction_features")}
    assert features == {f"transaction_features/month=2018-0{month}" for month in (2, 3, 4)}


def test_a_correction_replaces_the_version_before(storage: MemoryStorage) -> None:
    process(storage, put(storage, "jan", JANUARY))
    process(storage, put(storage, "jan", CORRECTED))
    assert state(storage) == result_of(("jan", CORRECTED))


def test_a_correction_of_one_month_leaves_the_other_as_it_is(storage: MemoryStorage) -> None:
    both = sales([line("1", "A", "2011-01-05"), line("3", "A", "2011-02-03")])
    changed = sales([line("1", "A", "2011-01-05"), line("3", "A", "2011-02-03", quantity=7)])
    process(storage, put(storage, "all", both))
    outcome = process(storage, put(storage, "all", changed))
    january = {f for f in folders(outcome.written) if f.endswith("2011-01")}
    # It was read again, because the file changed, and found to be the same; the week that begins
    # on 31 January has the third of February.
    assert january == {"merged_orders/month=2011-01", "demand_weekly/month=2011-01"}


def test_rows_that_a_correction_took_away_are_gone(storage: MemoryStorage) -> None:
    process(storage, put(storage, "jan", JANUARY))
    process(storage, put(storage, "x", MARCH))
    outcome = process(storage, put(storage, "x", sales([line("5", "A", "2011-02-01")])))
    assert "demand_daily/month=2011-03" in folders(outcome.written)
    assert rows(storage, "demand_daily/source=shop/month=2011-03/part-0.parquet").is_empty()
    expected = result_of(("jan", JANUARY), ("x", sales([line("5", "A", "2011-02-01")])))
    assert state(storage) == expected
    process(storage, put(storage, "x", MARCH))
    assert state(storage) == result_of(("jan", JANUARY), ("x", MARCH))


OBJECTS = [("jan", JANUARY), ("feb", FEBRUARY), ("mar", MARCH), ("late", LATE)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_the_order_does_not_matter_where_a_month_has_no_sales(order: tuple[int, ...]) -> None:
    objects = [("jan", JANUARY), ("mar", MARCH), ("jun", sales([line("8", "C", "2011-06-02")]))]
    storage = MemoryStorage()
    for number in order:
        process(storage, put(storage, *objects[number]))
    assert state(storage) == result_of(*objects)


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
def test_the_order_of_deliveries_does_not_matter(order: tuple[int, ...]) -> None:
    storage = MemoryStorage()
    for number in order:
        process(storage, put(storage, *OBJECTS[number]))
    for name, _ in OBJECTS:
        assert process(storage, report_key("shop", name)).status is Status.UNCHANGED
    assert state(storage) == result_of(*OBJECTS)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_versions_may_be_delivered_at_any_time(order: tuple[int, ...]) -> None:
    """Objects are replaced between the deliveries of events, however late these come."""
    versions = [JANUARY, MARCH, CORRECTED]
    storage = MemoryStorage()
    process(storage, put(storage, "feb", FEBRUARY))
    for number, tables in enumerate(versions):
        put(storage, "x", tables)
        if number in order[:2]:
            process(storage, report_key("shop", "x"))
    process(storage, report_key("shop", "x"))
    assert state(storage) == result_of(("feb", FEBRUARY), ("x", CORRECTED))


class StoppedError(Exception):
    """The function was killed."""


class Watched(MemoryStorage):
    """Calls `before` ahead of every call of the function. `calls` has the kinds of the calls so
    far, the present one included. After call number `stop_after` the function is dead: no further
    call has an effect."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.before: Callable[[], None] = lambda: None
        self.stop_after = 0

    def _call(self, kind: str, call: Callable[[], Any]) -> Any:
        if 0 < self.stop_after <= len(self.calls):
            raise StoppedError
        self.calls.append(kind)
        self.before()
        result = call()
        if len(self.calls) == self.stop_after:
            raise StoppedError
        return result

    def stopped(self, number: int, *reports: str) -> None:
        """Run the function, and stop it after a call."""
        self.stop_after = number
        with pytest.raises(StoppedError):
            process(self, *reports)
        self.stop_after = 0

    def head(self, bucket: str, key: str, **options: Any) -> ObjectInfo | None:
        info: ObjectInfo | None = self._call("head", lambda: MemoryStorage.head(self, bucket, key))
        return info

    def get(self, bucket: str, key: str, **options: Any) -> StoredObject:
        stored: StoredObject = self._call(
            "get", lambda: MemoryStorage.get(self, bucket, key, **options)
        )
        return stored

    def etags(self, bucket: str, prefix: str) -> dict[str, str]:
        found: dict[str, str] = self._call(
            "list", lambda: MemoryStorage.etags(self, bucket, prefix)
        )
        return found

    def put(self, bucket: str, key: str, body: bytes, **options: Any) -> str:
        def write() -> str:
            # Around head(), which counts calls.
            current = MemoryStorage.head(self, bucket, key)
            if options["if_match"] != (current.etag if current else None):
                raise PreconditionFailedError(bucket, key, "PreconditionFailed")
            return self.write(bucket, key, body, options["metadata"]).etag

        etag: str = self._call("put", write)
        return etag


@pytest.fixture(scope="module")
def january() -> MemoryStorage:
    """A source before the event that the tests below stop: it touches all products of a shop."""
    storage = MemoryStorage()
    process(storage, put(storage, "jan", JANUARY))
    put(storage, "feb", FEBRUARY)
    return storage


FEBRUARY_REPORT = report_key("shop", "feb")


def watched(storage: MemoryStorage) -> Watched:
    """A copy of a source."""
    copy = Watched()
    for (bucket, key), (body, metadata) in storage.snapshot().items():
        copy.write(bucket, key, body, metadata)
    return copy


def moments(
    storage: MemoryStorage, *kinds: str, reports: tuple[str, ...] = (FEBRUARY_REPORT,)
) -> list[int]:
    """The numbers of the calls of one run, counted from 1, that are of these kinds."""
    copy = watched(storage)
    process(copy, *reports)
    found = [number for number, kind in enumerate(copy.calls, start=1) if kind in kinds]
    assert len(found) > 10
    return found


@pytest.mark.parametrize("between", ["nothing", "another object", "a new version"])
def test_a_stop_after_any_call_is_healed_by_the_next_delivery(
    january: MemoryStorage, between: str
) -> None:
    """A stop before a call leaves what a stop after the call before it leaves."""
    reads = ("head", "get", "list") if between == "nothing" else ()
    added = [("late", LATE)] if between == "another object" else []
    last = MARCH if between == "a new version" else FEBRUARY
    expected = result_of(("jan", JANUARY), ("feb", last), *added)
    healed = []
    for number in moments(january, "put", *reads):
        storage = watched(january)
        storage.stopped(number, FEBRUARY_REPORT)
        if storage.snapshot() in healed:
            continue
        healed.append(storage.snapshot())
        for name, tables in added:
            process(storage, put(storage, name, tables))
        if between == "a new version":
            put(storage, "feb", last)
        process(storage, FEBRUARY_REPORT)
        assert state(storage) == expected, number


@pytest.mark.parametrize("together", [one_by_one, at_once])
def test_several_objects_at_once_are_each_partition_once(together: Together) -> None:
    storage = Watched()
    keys = [put(storage, name, tables) for name, tables in OBJECTS]
    outcome = Service(storage, SETTINGS, together).process(*keys)
    assert state(storage) == result_of(*OBJECTS)
    assert storage.calls.count("put") == len(list(MemoryStorage.keys(storage, "prod")))
    made = {key for key in state(storage) if not is_manifest(key)}
    assert set(outcome.written) == made


def test_objects_that_are_gone_do_not_keep_the_others(storage: MemoryStorage) -> None:
    key = put(storage, "jan", JANUARY)
    assert process(storage, report_key("shop", "gone"), key).status is Status.PUBLISHED
    assert state(storage) == result_of(("jan", JANUARY))


def test_several_objects_at_once_may_be_stopped_after_any_write(january: MemoryStorage) -> None:
    before = watched(january)
    reports = (FEBRUARY_REPORT, put(before, "late", LATE))
    expected = result_of(("jan", JANUARY), ("feb", FEBRUARY), ("late", LATE))
    for number in moments(before, "put", reports=reports):
        storage = watched(before)
        storage.stopped(number, *reports)
        # They may come again in other company.
        for key in reversed(reports):
            process(storage, key)
        assert state(storage) == expected, number


@pytest.mark.parametrize("other", ["another object", "the same event"])
def test_another_writer_may_run_at_any_moment(january: MemoryStorage, other: str) -> None:
    """Another invocation runs from start to end just before a call of this one."""
    reads = ("get", "list") if other == "another object" else ()
    added = [("late", LATE)] if other == "another object" else []
    expected = result_of(("jan", JANUARY), ("feb", FEBRUARY), *added)
    for number in moments(january, "put", *reads):
        storage = watched(january)

        def run(storage: Watched = storage, number: int = number) -> None:
            if len(storage.calls) == number:
                storage.before = lambda: None
                key = put(storage, "late", LATE) if added else FEBRUARY_REPORT
                process(storage, key)

        storage.before = run
        process(storage, FEBRUARY_REPORT)
        assert state(storage) == expected, number


def test_an_object_may_change_and_change_back_at_any_moment(january: MemoryStorage) -> None:
    """The hard case of conditional writes: the products are those of FEBRUARY, this invocation is
    about to replace them by those of another version, when FEBRUARY comes back. The other writer
    finds everything right and writes nothing, so that no condition fails."""
    done = watched(january)
    process(done, FEBRUARY_REPORT)
    expected = state(done)
    put(done, "feb", CORRECTED)
    for number in moments(done, "put"):
        storage = watched(done)

        def run(storage: Watched = storage, number: int = number) -> None:
            if len(storage.calls) == number:
                storage.before = lambda: None
                process(storage, put(storage, "feb", FEBRUARY))

        storage.before = run
        process(storage, FEBRUARY_REPORT)
        assert state(storage) == expected, number


def test_a_version_in_fewer_files_leaves_nothing_of_the_one_before(storage: MemoryStorage) -> None:
    process(storage, put(storage, "jan", JANUARY))
    both = sales([line("8", "C", "2011-01-07"), line("9", "D", "2011-03-01")])
    process(storage, curate(storage, "shop", "x", both, files=2))
    key = put(storage, "x", MARCH)
    storage.remove("curated", "orders/source=shop/object=x/part-1.parquet")
    process(storage, key)
    assert state(storage) == result_of(("jan", JANUARY), ("x", MARCH))


def test_sources_are_apart(storage: MemoryStorage) -> None:
    process(storage, put(storage, "jan", JANUARY))
    before = state(storage)
    process(storage, put(storage, "jan", CORRECTED, source="other"))
    assert {key: value for key, value in state(storage).items() if "=shop/" in key} == before


@pytest.mark.parametrize(
    "key",
    [
        "data-quality/source=shop/object=gone/report.json",
        "data-quality/source=shop/object=jan/rejection.json",
        "data-quality/source=../object=jan/report.json",
        "data-quality/source=shop/object=../../x/report.json",
        "orders/source=shop/object=jan/part-0.parquet",
        "report.json",
    ],
)
def test_what_is_no_report_is_ignored(storage: MemoryStorage, key: str) -> None:
    put(storage, "jan", JANUARY)
    assert process(storage, key).status is Status.IGNORED
    assert list(storage.keys("prod")) == []


def test_an_object_without_rows_makes_no_product(storage: MemoryStorage) -> None:
    assert process(storage, put(storage, "none", sales([]))).status is Status.UNCHANGED
    assert list(storage.keys("prod")) == []


def test_nothing_is_written_that_breaks_its_contract(
    storage: MemoryStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    (step,) = (step for step in pipeline.STEPS if step.table.name == "product_months")

    def broken(orders: pl.DataFrame, returns: pl.DataFrame) -> pl.DataFrame:
        from curated_to_prod.demand import product_months

        return product_months(orders, returns).with_columns(units=pl.lit(-1, pl.Int64))

    monkeypatch.setattr(
        "curated_to_prod.service.STEPS",
        tuple(
            pipeline.Window(s.table, s.upstream, broken)
            if s is step and isinstance(s, pipeline.Window)
            else s
            for s in pipeline.STEPS
        ),
    )
    with pytest.raises(ContractViolation, match="units"):
        process(storage, put(storage, "jan", JANUARY))
    assert list(storage.keys("prod", "product_months/")) == []


DIGEST = """
import hashlib, sys
sys.path[:0] = sys.argv[1:]
from data_plane import made_up
from data_plane.curated_objects import curate
from curated_to_prod.service import Service
from curated_to_prod.settings import Settings
from datalake.memory import MemoryStorage
storage = MemoryStorage()
for name in ("shop", "payments", "market", "countries"):
    for number, tables in enumerate(getattr(made_up, name)()):
        key = curate(storage, name, f"object-{number}", tables)
        Service(storage, Settings(curated_bucket="curated", prod_bucket="prod")).process(key)
state = storage.snapshot()
print(hashlib.sha256(repr([(name, state[name]) for name in sorted(state)]).encode()).hexdigest())
"""


def test_the_bytes_do_not_depend_on_the_number_of_threads() -> None:
    root = ROOT
    paths = [
        *(root / "libs").glob("*/src"),
        root / "lambda-functions/curated-to-prod/src",
        root / "tests",
    ]
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST, *map(str, paths)],
            env={**os.environ, "POLARS_MAX_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "4")
    }
    assert len(digests) == 1
