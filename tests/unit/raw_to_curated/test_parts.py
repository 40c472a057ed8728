from __future__ import annotations

import gzip
import json
from pathlib import Path

import duckdb
import polars as pl
import pytest

from data_plane.split_objects import (
    HEADER,
    KEY,
    PARQUET_KEY,
    ROW,
    ROWS,
    SETTINGS,
    TEXT,
    payments,
    plan,
    rows,
    table,
)
from datalake.memory import MemoryStorage
from lambda_app.s3_events import CreatedObject
from raw_to_curated import parts
from raw_to_curated.service import Service
from raw_to_curated.split import SplitService

pytestmark = pytest.mark.usefixtures("no_scores")


def test_no_part_begins_inside_a_quoted_field(
    storage: MemoryStorage, splitter: SplitService, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = ROW.replace("quoted", "\n".join(["quoted"] * 20)).format(
        number=536000, quantity=1, price=1
    )
    storage.write("raw", KEY, (HEADER + (long + rows(0, 90)) * 8).encode())
    for part in plan(splitter)["parts"]:
        assert splitter.handle(part)["status"] == "curated"
    manifest = storage.keys("curated", "staging/")
    counts = [
        json.loads(storage.get("curated", key).body)["counts"]
        for key in manifest
        if key.endswith(".json")
    ]
    assert len(counts) > 3
    assert not any("malformed_quoting" in count["reasons"] for count in counts)
    # Where no place is sure, nothing is cut.
    monkeypatch.setattr(parts, "_WINDOW_BYTES", 100)
    assert len(plan(splitter)["parts"]) == 1


@pytest.mark.parametrize("begin", ["\n" * 5_000, "\ufeff" + " \r\n" * 2_000])
def test_the_first_part_has_the_header(
    storage: MemoryStorage, splitter: SplitService, begin: str
) -> None:
    storage.write("raw", KEY, (begin + TEXT).encode())
    first, *_ = plan(splitter)["parts"]
    assert first["end"] > len(begin.encode()) + len(HEADER)
    assert splitter.handle(first)["status"] == "curated"


@pytest.mark.parametrize("writer", ["polars", "duckdb"])
def test_a_parquet_file_is_cut_between_row_groups(
    storage: MemoryStorage, tmp_path: Path, writer: str
) -> None:
    key, path = PARQUET_KEY, tmp_path / "all.parquet"
    # Every row twice, in different groups; those of DuckDB have 2,048 rows at least.
    frame = pl.concat([payments(5_000), payments(5_000)])
    frame.write_parquet(path, row_group_size=2_500)
    if writer == "duckdb":
        other = tmp_path / "duckdb.parquet"
        duckdb.sql(f"COPY (FROM '{path}') TO '{other}' (FORMAT parquet, ROW_GROUP_SIZE 2048)")
        path = other
    storage.write("raw", key, path.read_bytes())
    splitter = SplitService(storage, SETTINGS)
    planned = plan(splitter, key)
    assert len(planned["parts"]) >= 3
    for part in reversed(planned["parts"]):
        assert splitter.handle(part)["status"] == "curated"
    done = splitter.handle(planned["finish"])
    assert done["status"] == "curated"

    calm = MemoryStorage()
    calm.write("raw", key, path.read_bytes())
    whole = Service(calm, SETTINGS).process(CreatedObject(key)).report
    assert whole is not None
    assert {name: done[name] for name in ROWS} == {name: getattr(whole, name) for name in ROWS}
    assert done["exact_duplicates"] == 5_000
    for name in ("transactions", "quarantine"):
        # Rows of a Parquet file have numbers, whichever part they are in.
        assert table(storage, name, key).equals(table(calm, name, key))


def test_compressed_objects_have_one_part(storage: MemoryStorage, splitter: SplitService) -> None:
    storage.write("raw", KEY + ".gz", gzip.compress(TEXT.encode()))
    assert len(plan(splitter, KEY + ".gz")["parts"]) == 1
