from __future__ import annotations

import hashlib
import io
import json

import polars as pl
import pytest

from curated_to_prod.service import UnsettledError
from data_plane import made_up
from data_plane.curated_objects import curate, frame
from data_plane.small_shop import (
    FEBRUARY,
    JANUARY,
    Tables,
    manifest,
    process,
    put,
    result_of,
    rows,
    state,
)
from datalake.contracts.curated import MARKET_SERIES
from datalake.layout import is_manifest
from datalake.memory import MemoryStorage


def test_a_file_that_does_not_match_its_report_waits(storage: MemoryStorage) -> None:
    process(storage, put(storage, "jan", JANUARY))
    before = state(storage)
    key = put(storage, "feb", FEBRUARY)
    file = "orders/source=shop/object=feb/part-0.parquet"
    body = storage.get("curated", file).body
    storage.write("curated", file, b"half of a new version")
    with pytest.raises(UnsettledError, match="has the hash"):
        process(storage, key)
    assert {k: state(storage)[k] for k in before if "merged_orders" in k} == {
        k: v for k, v in before.items() if "merged_orders" in k
    }
    storage.write("curated", file, body)
    process(storage, key)
    assert state(storage) == result_of(("jan", JANUARY), ("feb", FEBRUARY))


def tables_of(source: str, objects: list[Tables], files: int) -> dict[str, bytes]:
    """Key and content of all products but manifests, each object divided into `files` files."""
    storage = MemoryStorage()
    keys = [curate(storage, source, f"o{n}", part, files) for n, part in enumerate(objects)]
    process(storage, *keys)
    names = [key for key in storage.keys("prod") if not is_manifest(key)]
    return {key: storage.get("prod", key).body for key in names}


@pytest.mark.parametrize("source", ["shop", "payments", "market", "countries"])
def test_a_large_object_in_several_files_is_one_object(source: str) -> None:
    objects = getattr(made_up, source)()
    assert tables_of(source, objects, files=12) == tables_of(source, objects, files=1)


def test_of_values_in_several_files_the_last_line_counts(storage: MemoryStorage) -> None:
    day = {**made_up.market()[0]["market_series"].row(0, named=True)}
    revisions = [{**day, "line_number": n + 2, "value": float(n)} for n in range(12)]
    # In the order of numbers, not of names: part-10 comes after part-9.
    tables = {"market_series": frame(MARKET_SERIES, revisions)}
    process(storage, curate(storage, "market", "o", tables, files=12))
    key = "merged_market_series/source=market/year=2019/part-0.parquet"
    assert rows(storage, key)["value"].to_list() == [11.0]
    inputs = manifest(storage, key.rpartition("/")[0])["inputs"]
    assert [entry["key"].rpartition("/")[2] for entry in inputs] == [
        f"part-{n}.parquet" for n in range(12)
    ]


def test_a_file_of_an_earlier_minor_version_gets_the_defaults(storage: MemoryStorage) -> None:
    key = put(storage, "jan", JANUARY)
    file = "orders/source=shop/object=jan/part-0.parquet"
    old = pl.read_parquet(io.BytesIO(storage.get("curated", file).body))
    report = storage.get("curated", key).body.decode()
    before = storage.get("curated", file).info
    buffer = io.BytesIO()
    old.drop("line_type", "is_outlier").write_parquet(buffer)
    storage.write("curated", file, buffer.getvalue())
    output = json.loads(report)["outputs"][0]
    assert output["bytes"] == before.size
    digest = hashlib.sha256(buffer.getvalue()).hexdigest()
    storage.write("curated", key, report.replace(output["sha256"], digest).encode())
    process(storage, key)
    merged = rows(storage, "merged_orders/source=shop/month=2011-01/part-0.parquet")
    assert merged["line_type"].to_list() == ["product"] * 2
