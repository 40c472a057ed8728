from __future__ import annotations

from datalake.contracts.insights import CHANGES_TABLES, DEMAND_SERIES


def test_rows_name_the_series_that_they_are_about() -> None:
    for table in CHANGES_TABLES:
        assert set(DEMAND_SERIES.key) <= set(table.key)
