from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest

from datalake.contracts import ContractViolation
from datalake.contracts.prod import COPILOT_FACTS, COUNTRY_YEARS, ProdTable
from datalake.files import content_type, decode, encode, encode_json, write_parquet

YEARS = pl.DataFrame(
    [("Élan", 2001, 5, 70.5, None, None), ("Utopia", 2001, None, None, 1.5, 2.0)],
    schema=COUNTRY_YEARS.schema,
    orient="row",
)
DAYS = (date(2011, 1, 1), date(2011, 1, 31))
FACTS = pl.DataFrame(
    [("total", "all", "All — “é”", "orders", "GBP", None, 2.0, "invoices", *DAYS)],
    schema=COPILOT_FACTS.schema,
    orient="row",
)
TABLES = [(COUNTRY_YEARS, YEARS), (COPILOT_FACTS, FACTS)]


@pytest.mark.parametrize(("table", "frame"), TABLES)
def test_what_is_written_is_read_back(table: ProdTable, frame: pl.DataFrame) -> None:
    content = encode(table, frame)
    assert content == encode(table, frame)
    assert decode(table, content).equals(frame)
    chosen = tuple(reversed(table.schema.names()[:2]))
    assert decode(table, content, chosen).equals(frame.select(chosen))
    empty = frame.clear()
    assert decode(table, encode(table, empty)).equals(empty)


def test_the_type_follows_from_the_format() -> None:
    assert content_type(COUNTRY_YEARS) == "application/vnd.apache.parquet"
    assert content_type(COPILOT_FACTS) == "application/jsonl"


def test_rows_that_break_the_contract_are_not_written() -> None:
    with pytest.raises(ContractViolation, match="life_expectancy"):
        encode(COUNTRY_YEARS, YEARS.with_columns(life_expectancy=pl.lit(200.0)))


def test_row_groups_do_not_depend_on_the_machine(tmp_path: Path) -> None:
    path = tmp_path / "n.parquet"
    write_parquet(pl.DataFrame({"n": pl.int_range(600_000, eager=True)}), path)
    groups = duckdb.sql(
        f"""SELECT DISTINCT row_group_id, row_group_num_rows
            FROM parquet_metadata('{path}') ORDER BY row_group_id"""
    ).fetchall()
    assert [rows for _, rows in groups] == [262_144, 262_144, 75_712]


def test_json_is_for_people_too() -> None:
    assert encode_json({"name": "Élan"}) == '{\n  "name": "Élan"\n}\n'.encode()
