from __future__ import annotations

from datalake.contracts.insights import FRAUD_MONITORING, FRAUD_SCORES, FRAUD_TABLES
from datalake.contracts.prod import TRANSACTION_FEATURES


def test_every_table_has_the_months_of_the_payments() -> None:
    assert {table.partitions for table in FRAUD_TABLES} == {TRANSACTION_FEATURES.partitions}


def test_scores_are_written_after_alerts_and_monitoring_after_both() -> None:
    assert FRAUD_TABLES[-2:] == (FRAUD_SCORES, FRAUD_MONITORING)
