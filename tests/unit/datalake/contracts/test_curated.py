from __future__ import annotations

import polars as pl
import pytest

from datalake.contracts import Table
from datalake.contracts.curated import CURATED_TABLES, ORDERS


@pytest.mark.parametrize("table", CURATED_TABLES, ids=lambda table: table.name)
def test_an_empty_frame_passes(table: Table) -> None:
    table.check(pl.DataFrame(schema=table.schema))


def test_markdown_names_every_column() -> None:
    for table in CURATED_TABLES:
        text = table.to_markdown()
        assert all(f"| {column.name} |" in text for column in table.columns)


@pytest.mark.parametrize("table", CURATED_TABLES, ids=lambda table: table.name)
def test_defaults_keep_the_contract(table: Table) -> None:
    for column in table.columns:
        if column.default is not None:
            frame = pl.DataFrame(
                {column.name: [column.default]}, schema={column.name: column.dtype}
            )
            assert not any(frame.select(rule).item() for rule in column.violations().values())


def test_the_files_of_a_table_are_those_of_one_object() -> None:
    assert ORDERS.partitions == ("source", "object")
    assert "Partitions: source, object. Key within a file: line_number." in ORDERS.to_markdown()


def test_every_number_has_a_range_so_that_sums_and_ratios_stay_finite() -> None:
    # Numbers of rows, and a score of the function's own.
    unbounded = {"line_number", "matched_line_number", "near_duplicate_of", "outlier_score"}
    for table in CURATED_TABLES:
        for column in table.columns:
            if column.dtype.is_numeric() and column.name not in unbounded:
                lowest = column.minimum if column.above is None else column.above
                assert lowest is not None, (table.name, column.name)
                assert column.maximum is not None, (table.name, column.name)
                assert not column.dtype.is_float() or column.least, (table.name, column.name)
