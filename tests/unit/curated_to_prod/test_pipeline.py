from __future__ import annotations

from curated_to_prod import reports
from data_plane import made_up
from data_plane.sql import QUERIES, published
from datalake.contracts.curated import CURATED_TABLES
from datalake.contracts.prod import PROD_TABLES
from fleet.paths import ROOT


def test_every_table_has_a_second_computation() -> None:
    assert QUERIES.keys() == {table.name for table in PROD_TABLES} - {"copilot_facts"}


def test_the_readme_says_what_becomes_of_each_curated_table() -> None:
    readme = ROOT / "lambda-functions/curated-to-prod/README.md"
    section = readme.read_text().partition("| Curated table | Goes into |\n|---|---|\n")[2]
    cells = [line.strip("| ").split(" | ") for line in section.partition("\n\n")[0].splitlines()]
    said = {tables: set(products.split(", ")) for tables, products in cells}

    made = {}
    for objects in (made_up.shop(), made_up.payments(), made_up.market(), made_up.countries()):
        written = {key.partition("/")[0] for key in published(objects).keys("prod")}
        others = {name for name in written if name.startswith(("merged_", "_index"))}
        made[", ".join(objects[0])] = written - others
    assert {tables: said[tables] for tables in made} == made

    unused = {name for tables in said.keys() - made.keys() for name in tables.split(", ")}
    read = {name for tables in made for name in tables.split(", ")}
    assert read | unused == {table.name for table in CURATED_TABLES} - {"quarantine"}
    assert not unused & reports.TABLES.keys()
