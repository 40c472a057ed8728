"""The parts of an object give what it gives whole: encodings, references, counts."""

from __future__ import annotations

import json

import polars as pl
import pytest

from data_plane.retail import SUPERSTORE_HEADER, SUPERSTORE_ROW
from data_plane.split_objects import (
    HEADER,
    KEY,
    PARQUET_KEY,
    SETTINGS,
    TEXT,
    curated,
    plan,
    row_groups,
    table,
)
from datalake.memory import MemoryStorage
from datalake.quality_report import CuratedReport
from lambda_app.s3_events import CreatedObject
from raw_to_curated import independent_count
from raw_to_curated.service import Service
from raw_to_curated.split import SplitService

pytestmark = pytest.mark.usefixtures("no_scores")


def test_encodings_are_those_of_the_whole(storage: MemoryStorage) -> None:
    """Lines in either encoding, in both and in none, wherever the parts begin."""
    row = SUPERSTORE_ROW.replace("261.96", "{number}.5")
    cities = [
        "Cañon".encode(),
        "Cañon".encode("cp1252"),
        "Cañ".encode()[:-1],
        b"\xc3\xb1\xf1",
        b"x",
    ]
    lines = [
        row.format(number=number).encode().replace(b"Henderson", cities[number % len(cities)])
        for number in range(400)
    ]
    key, calm = "superstore/all.csv", MemoryStorage()
    body = "\ufeff".encode() + SUPERSTORE_HEADER.encode() + b"".join(lines)
    for target in (storage, calm):
        target.write("raw", key, body)
    splitter = SplitService(storage, SETTINGS)
    planned = plan(splitter, key)
    assert len(planned["parts"]) > 3
    for step in [*planned["parts"], planned["finish"]]:
        assert splitter.handle(step)["status"] == "curated"
    whole = Service(calm, SETTINGS).process(CreatedObject(key)).report
    parts = json.loads(storage.get("curated", curated(key).report_key).body)
    assert isinstance(whole, CuratedReport)
    assert parts["encoding"] == whole.encoding == "utf-8, cp1252"
    assert parts["quarantine_reasons"] == whole.quarantine_reasons == {"invalid_encoding": 160}
    for name in ("sales", "quarantine"):
        drop = ["line_number"]
        assert table(storage, name, key).drop(drop).equals(table(calm, name, key).drop(drop))


def test_references_to_rows_of_an_earlier_part_are_to_those_rows(
    storage: MemoryStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    order = '{number},85123A,"a name",2,2010-12-01 08:26:00,1,17850,UK\n'
    others = "".join(order.format(number=537000 + n) for n in range(120))
    # In the last part: two orders for the second time, a line nearly like one, a return of one.
    again, other = order.format(number=536000), order.format(number=536001)
    other = other.replace("85123A", "22222")
    returned = other.replace("536001", "C536002").replace(",2,", ",-2,")
    late = again + again.replace("a name", "another") + other + returned
    storage.write("raw", KEY, (HEADER + again + other + others + late).encode())
    splitter = SplitService(storage, SETTINGS.model_copy(update={"split_mb": 3_000 / 2**20}))
    planned = plan(splitter)
    assert len(planned["parts"]) == 2
    for part in planned["parts"]:
        splitter.handle(part)
    assert splitter.handle(planned["finish"])["exact_duplicates"] == 2

    orders, returns = table(storage, "orders"), table(storage, "returns")
    (near,) = orders.filter(pl.col("description") == "another").to_dicts()
    (matched,) = returns.to_dicts()
    assert near["near_duplicate_of"] == orders["line_number"][0]
    assert matched["matched_order_id"] == "536001"
    assert matched["matched_line_number"] == orders["line_number"][1]
    report = json.loads(storage.get("curated", curated(KEY).report_key).body)
    assert report["quality"]["orders"]["rows"] == orders.height == 123
    assert report["quality"]["orders"]["near_duplicates"] == 1
    assert report["quality"]["returns"]["matched"] == 1


@pytest.mark.parametrize(
    ("key", "body", "method", "size"),
    [
        (KEY, TEXT.encode(), "csv", 601),
        (PARQUET_KEY, row_groups(500, 100), "row_groups", 500),
        ("customer-master/all.jsonl", b'{"customer_id": "1"}\n \n' * 200, "lines", 200),
    ],
)
def test_the_rows_of_all_parts_are_compared_with_those_of_another_reader(
    storage: MemoryStorage, key: str, body: bytes, method: str, size: int
) -> None:
    storage.write("raw", key, body)
    splitter = SplitService(storage, SETTINGS)
    planned = plan(splitter, key)
    assert len(planned["parts"]) > 1
    for part in planned["parts"]:
        splitter.handle(part)
    found = {"method": method, "rows": size, "agrees": True}
    assert splitter.handle(planned["finish"])["counted_independently"] == found
    report = json.loads(storage.get("curated", curated(key).report_key).body)
    assert report["counted_independently"] == found


def test_an_object_outside_of_the_sample_is_not_counted(
    storage: MemoryStorage, splitter: SplitService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(independent_count, "_is_sampled", lambda key, info: False)
    planned = plan(splitter)
    for part in planned["parts"]:
        splitter.handle(part)
    assert "counted_independently" not in splitter.handle(planned["finish"])


def test_the_report_has_the_limits_of_the_plan(
    storage: MemoryStorage, splitter: SplitService
) -> None:
    planned = plan(splitter)
    for step in [*planned["parts"], planned["finish"]]:
        splitter.handle(step)
    report = json.loads(storage.get("curated", curated(KEY).report_key).body)
    assert report["date_limits"] == planned["finish"]["dates"]
    assert report["date_limits"]["first_day"] == "2008-09-22"
