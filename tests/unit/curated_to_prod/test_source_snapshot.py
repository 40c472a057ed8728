from __future__ import annotations

import pytest

from data_plane import made_up
from data_plane.curated_objects import curate, frame
from data_plane.small_shop import (
    Tables,
    manifest,
    process,
    rows,
)
from datalake.contracts.curated import MARKET_SERIES
from datalake.layout import is_internal, is_manifest
from datalake.memory import MemoryStorage


def tables_of(source: str, objects: list[Tables], files: int) -> dict[str, bytes]:
    """Key and content of all products but manifests, each object divided into `files` files."""
    storage = MemoryStorage()
    keys = [curate(storage, source, f"o{n}", part, files) for n, part in enumerate(objects)]
    process(storage, *keys)
    names = [key for key in storage.keys("prod") if not is_manifest(key) and not is_internal(key)]
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
