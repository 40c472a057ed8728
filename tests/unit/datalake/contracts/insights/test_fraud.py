from __future__ import annotations

from datalake.contracts.insights import FRAUD_SCORES, FRAUD_TABLES
from datalake.contracts.prod import TRANSACTION_FEATURES


def test_every_table_has_the_months_of_the_payments() -> None:
    assert {table.partitions for table in FRAUD_TABLES} == {TRANSACTION_FEATURES.partitions}


def test_the_table_that_says_all_is_done_is_written_last() -> None:
    assert FRAUD_TABLES[-1] == FRAUD_SCORES
