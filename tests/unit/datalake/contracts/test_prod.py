from __future__ import annotations

import pytest

from datalake.contracts.prod import COPILOT_FACTS, COUNTRY_YEARS, PROD_TABLES, ProdTable


@pytest.mark.parametrize("table", PROD_TABLES, ids=lambda table: table.name)
def test_the_page_says_for_whom_a_table_is_and_how_it_is_divided(table: ProdTable) -> None:
    partitions = ", ".join(filter(None, ("source", table.partition)))
    text = table.to_markdown()
    assert f"For {table.reader}. Partitions: {partitions}. Key" in text
    assert all(f"| {column.name} |" in text for column in table.columns)


def test_names_are_unique() -> None:
    assert len({table.name for table in PROD_TABLES}) == len(PROD_TABLES)


def test_a_table_that_is_not_divided_has_the_source_alone() -> None:
    assert COUNTRY_YEARS.partitions == ("source",)


def test_only_facts_are_json_lines() -> None:
    assert [table for table in PROD_TABLES if table.file_format != "parquet"] == [COPILOT_FACTS]
