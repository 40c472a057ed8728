"""The tables of a source: all or none of a version."""

from datalake.contracts.insights import DEMAND_TABLES
from datalake.memory import MemoryStorage
from demand_insights_engine.insights import InsightsOfSource, read

VERSIONS = {"model_version": "1.0+0123456789ab", "data_version": "0123456789abcdef"}
EMPTY = {table: table.frame([]) for table in DEMAND_TABLES}


def of(storage):
    return InsightsOfSource(storage, "insights", "shop", DEMAND_TABLES)


def test_the_last_table_says_whether_all_are_there():
    storage = MemoryStorage()
    assert not of(storage).are_of(VERSIONS)

    of(storage).write(EMPTY, VERSIONS)

    assert of(storage).are_of(VERSIONS)
    assert not of(storage).are_of({**VERSIONS, "data_version": "fedcba9876543210"})


def test_a_source_is_read_from_its_own_file():
    storage = MemoryStorage()
    of(storage).write(EMPTY, VERSIONS)

    assert read(storage, "insights", DEMAND_TABLES[0], "shop") is not None
    assert read(storage, "insights", DEMAND_TABLES[0], "mill") is None
