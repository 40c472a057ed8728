"""The rows of an object take the place of those that it contributed before, and of no others."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curated_to_prod import contributions
from curated_to_prod.reports import CuratedFile, Report
from datalake.contracts.curated import TRANSACTIONS
from datalake.contracts.prod import MERGED_TRANSACTIONS
from datalake.layout import CuratedObject
from datalake.manifest import Input

TABLE = MERGED_TRANSACTIONS
DAY = datetime(2018, 1, 1, tzinfo=UTC)


def report(name: str, files: int, version: str = "1") -> Report:
    curated = CuratedObject("shop", name)
    return Report(
        curated,
        f"raw/{name}",
        tuple(
            CuratedFile(
                TRANSACTIONS.name,
                Input("curated", curated.table_key(TRANSACTIONS.name, n), version),
                1,
                DAY.date(),
                DAY.date(),
            )
            for n in range(files)
        ),
    )


def rows(customer: str) -> pl.DataFrame:
    row = (None, customer, None, DAY, 1, "EUR", None, None)
    return pl.DataFrame([row], schema=TABLE.schema, orient="row")


def contributed(entry: Report) -> list[pl.DataFrame]:
    return [
        contributions.of(entry, file, rows(f"{entry.object_key} {file.input.sha256}"))
        for file in entry.files
    ]


def replaced(present: pl.DataFrame, *reports: Report) -> pl.DataFrame:
    objects = [entry.curated for entry in reports]
    new = [part for entry in reports for part in contributed(entry)]
    return contributions.replace(present, objects, TRANSACTIONS.name, new)


def test_they_are_in_the_order_of_objects_and_of_their_files() -> None:
    present = replaced(contributions.none(TABLE), report("b", 11), report("a", 1))
    keys = [entry.key.partition("object=")[2] for entry in contributions.inputs(present)]
    assert keys == ["a/part-0.parquet", *(f"b/part-{n}.parquet" for n in range(11))]
    assert contributions.decode(TABLE, contributions.encode(present)).equals(present)


@pytest.mark.parametrize("other", ["a", "ab", "a-b", "b"])
def test_a_new_version_leaves_the_rows_of_others(other: str) -> None:
    present = replaced(contributions.none(TABLE), report("a", 3), report(other, 2))
    found = replaced(present, report("a", 1, version="2"))
    assert (
        found.equals(
            replaced(contributions.none(TABLE), report(other, 2), report("a", 1, version="2"))
        )
        or other == "a"
    )
    gone = contributions.replace(found, [CuratedObject("shop", "a")], TRANSACTIONS.name, [])
    left = {} if other == "a" else {f"raw/{other} 1"}
    assert set(gone["customer_id"]) == set(left)


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 3), st.sampled_from("12")), max_size=8
    )
)
def test_only_the_last_version_of_each_object_counts(
    versions: list[tuple[str, int, str]],
) -> None:
    present = contributions.none(TABLE)
    for name, files, version in versions:
        present = replaced(present, report(name, files, version))
    last = {name: report(name, files, version) for name, files, version in versions}
    assert present.equals(replaced(contributions.none(TABLE), *last.values()))
