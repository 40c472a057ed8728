from __future__ import annotations

from datalake.contracts.insights import COMPLIANCE_SCANS, COMPLIANCE_TABLES


def test_the_table_that_says_all_is_done_is_written_last() -> None:
    assert COMPLIANCE_TABLES[-1] == COMPLIANCE_SCANS
    assert {table.partition for table in COMPLIANCE_TABLES} == {"object"}
