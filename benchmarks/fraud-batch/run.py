"""`make bench BENCH=fraud-batch`: what compliance-guardian-fraud takes for a backlog of payments.

The baseline replays the same payments for their features, and does nothing else. Storage and tables
are in memory, so that the figures are of the function alone. Payments are the card transactions,
or a stand-in where they are not here (`make data`).
"""

from __future__ import annotations

import hashlib
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

import polars as pl

from compliance_guardian import fraud_adapter
from compliance_guardian.fraud.alert_table import AlertTable
from compliance_guardian.fraud.history_table import HistoryTable
from compliance_guardian.fraud.label_table import LabelTable
from compliance_guardian.fraud.payment_rows import PaymentRows
from compliance_guardian.fraud.replay import Replay
from compliance_guardian.fraud_adapter import FraudBatchSettings
from compliance_guardian.fraud_batch import FraudBatch
from datalake.contracts import MONEY
from datalake.contracts.prod import MERGED_TRANSACTIONS
from datalake.files import encode
from datalake.layout import Partition
from datalake.memory import MemoryStorage
from datalake.memory_items import MemoryItems
from datalake.snapshot import ROWS
from datalake.storage import SHA256
from fleet import command
from lambda_app.observability import logger
from open_data import stand_ins

SOURCE = "card-transactions"
PAYMENTS = 584_546
SETTINGS = FraudBatchSettings(
    prod_bucket="prod",
    insights_bucket="insights",
    fraud_histories_table="histories",
    fraud_labels_table="labels",
    fraud_alerts_table="alerts",
    fraud_cost_alert=5,
    fraud_cost_missed=100,
    fraud_cards_a_day=100,
)


def main() -> None:
    """Measure the baseline, all months at once, and a repetition; print a table."""
    data = stand_ins.card_transactions(PAYMENTS)
    print(data.title, flush=True)
    storage, months = MemoryStorage(), _months(data.rows)
    for month, rows in months.items():
        _publish(storage, month, rows)
    batch = FraudBatch(
        storage,
        SETTINGS,
        fraud_adapter.model(),
        HistoryTable(MemoryItems()),
        LabelTable(MemoryItems()),
        AlertTable(MemoryItems()),
    )
    logger.setLevel("ERROR")
    print(f"{'':20} {'CPU s':>6} {'peak MB':>8}", flush=True)
    _measure("features alone", lambda: _replay(months))
    for name in ("all months at once", "the same repeated"):
        _measure(name, lambda: batch.update(SOURCE, months.keys(), datetime.now(UTC)))


def _months(raw: pl.DataFrame) -> dict[str, pl.DataFrame]:
    rows = raw.select(
        pl.lit(None, pl.String).alias("transaction_id"),
        pl.col("CUSTOMER_ID").cast(pl.String).alias("customer_id"),
        pl.col("TERMINAL_ID").cast(pl.String).alias("terminal_id"),
        pl.col("TX_DATETIME").cast(pl.Datetime("us", "UTC")).alias("transacted_at"),
        (pl.col("TX_AMOUNT").cast(MONEY) / 100).cast(MONEY).alias("amount"),
        pl.lit("XXX").alias("currency"),
        pl.lit(None, pl.Int64).alias("quantity"),
        pl.col("TX_FRAUD").cast(pl.Boolean).alias("is_fraud"),
    ).unique(MERGED_TRANSACTIONS.key)
    month = pl.col("transacted_at").dt.strftime("%Y-%m").alias("month")
    parts = rows.with_columns(month).partition_by("month", as_dict=True, include_key=False)
    return {str(name): part for (name,), part in sorted(parts.items())}


def _publish(storage: MemoryStorage, month: str, rows: pl.DataFrame) -> None:
    body = encode(MERGED_TRANSACTIONS, rows)
    metadata = {SHA256: hashlib.sha256(body).hexdigest(), ROWS: str(rows.height)}
    storage.write("prod", Partition(MERGED_TRANSACTIONS, SOURCE, month).data_key, body, metadata)


def _replay(months: dict[str, pl.DataFrame]) -> None:
    replay = Replay()
    for rows in months.values():
        for _ in replay.features(PaymentRows.of(SOURCE, rows).labelled):
            pass


def _measure(name: str, run: Callable[[], None]) -> None:
    started = time.process_time()
    run()
    seconds = time.process_time() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    megabytes = peak / (1e6 if sys.platform == "darwin" else 1e3)
    print(f"{name:20} {seconds:6.1f} {megabytes:8.0f}", flush=True)


if __name__ == "__main__":
    command.run(main)
