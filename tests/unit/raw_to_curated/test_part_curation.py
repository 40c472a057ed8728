"""One part, and what its manifest says of it."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from data_plane.split_objects import PARQUET_KEY, SETTINGS, plan, row_groups
from datalake.memory import MemoryStorage
from raw_to_curated import split
from raw_to_curated.part_curation import curated_part
from raw_to_curated.split import SplitService
from raw_to_curated.staging import CuratedPart

pytestmark = pytest.mark.usefixtures("no_scores")


@pytest.fixture
def manifests(monkeypatch: pytest.MonkeyPatch) -> list[CuratedPart]:
    """What becomes of the parts that are curated."""
    made: list[CuratedPart] = []

    def recorded(*arguments: Any) -> CuratedPart:
        made.append(curated_part(*arguments))
        return made[-1]

    monkeypatch.setattr(split, "curated_part", recorded)
    return made


def test_a_part_of_a_parquet_file_reads_nothing_but_that_part(storage: MemoryStorage) -> None:
    body = row_groups(5_000, 500)
    storage.write("raw", PARQUET_KEY, body)
    part = plan(SplitService(storage, SETTINGS), PARQUET_KEY)["parts"][4]
    read = 0

    class Counted(MemoryStorage):
        def open(self, *arguments: Any, **options: Any) -> Any:
            nonlocal read
            end = options["end"]
            read += end - options["start"]
            return storage.open(*arguments, **options)

        head, get, put, keys = storage.head, storage.get, storage.put, storage.keys  # type: ignore

    SplitService(Counted(), SETTINGS).handle(part)
    assert read < len(body) / 2


def test_every_part_accounts_for_its_rows_and_counts_them_again(
    splitter: SplitService, manifests: list[CuratedPart]
) -> None:
    parts = plan(splitter)["parts"]
    for part in parts:
        splitter.handle(part)
    assert [(made.part.start, made.part.end) for made in manifests] == [
        (part["start"], part["end"]) for part in parts
    ]
    for made in manifests:
        made.counts.check()
        assert made.counted is not None
        assert made.counted.agrees
        assert made.counted.rows == made.counts.rows_in
    assert sum(made.counts.rows_in for made in manifests) == 601


def test_the_files_and_hashes_of_a_part_are_staged_under_names_of_its_own(
    storage: MemoryStorage, splitter: SplitService, manifests: list[CuratedPart]
) -> None:
    for part in plan(splitter)["parts"][:2]:
        splitter.handle(part)
    names = [{*made.hashes, *(file.name for file in made.files)} for made in manifests]
    assert not names[0] & names[1]
    staged = {key.rpartition("/")[2] for key in storage.keys("curated", "staging/")}
    assert staged == names[0] | names[1] | {"part-0.json", "part-1.json"}
    first = next(key for key in storage.keys("curated") if key.endswith(manifests[0].hashes[0]))
    assert pl.read_ipc(storage.get("curated", first).body).height > 0
