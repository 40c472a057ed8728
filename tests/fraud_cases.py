"""Made-up payments in the prod bucket, and the batch on fraud that works on them."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import polars as pl

import prod_files
from compliance_guardian.fraud.alert_table import AlertTable
from compliance_guardian.fraud.history_table import HistoryTable
from compliance_guardian.fraud.label_table import LabelTable
from compliance_guardian.fraud.model import Model
from compliance_guardian.fraud_adapter import FraudBatchSettings
from compliance_guardian.fraud_batch import FraudBatch
from data_plane.faulty_storage import Faulty, FaultyItems
from datalake.contracts.insights import InsightsTable
from datalake.contracts.prod import MERGED_TRANSACTIONS
from datalake.files import decode
from datalake.layout import Partition
from datalake.memory import MemoryStorage
from datalake.memory_items import MemoryItems
from fraud_model import MODEL

SOURCE = "made-up"


SETTINGS = FraudBatchSettings(
    prod_bucket="prod",
    insights_bucket="insights",
    fraud_histories_table="histories",
    fraud_labels_table="labels",
    fraud_alerts_table="alerts",
    fraud_cost_alert=5,
    fraud_cost_missed=100,
    fraud_cards_a_day=2,
)
TODAY = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class World:
    """Buckets and tables, and the batch that works on them."""

    storage: MemoryStorage = field(default_factory=MemoryStorage)
    histories: MemoryItems = field(default_factory=MemoryItems)
    labels: MemoryItems = field(default_factory=MemoryItems)
    alerts: MemoryItems = field(default_factory=MemoryItems)
    model: Model = MODEL
    settings: FraudBatchSettings = SETTINGS

    def update(self, *months: str, faulty: Faulty | None = None) -> None:
        """Have the batch see that payments of these months changed."""
        tables = (self.histories, self.labels, self.alerts)
        histories, labels, alerts = (
            FaultyItems(table, faulty) if faulty else table for table in tables
        )
        batch = FraudBatch(
            faulty or self.storage,
            self.settings,
            self.model,
            HistoryTable(histories),
            LabelTable(labels),
            AlertTable(alerts),
        )
        batch.update(SOURCE, months, TODAY)

    def insights(self, table: InsightsTable, month: str) -> pl.DataFrame:
        """The rows of a partition."""
        key = Partition(table, SOURCE, month).data_key
        return decode(table, self.storage.get("insights", key).body)

    def written(self) -> dict[str, bytes]:
        """Insights by key."""
        return {
            key: content
            for (bucket, key), (content, _) in self.storage.snapshot().items()
            if bucket == "insights"
        }

    def listed(self) -> dict[str, Mapping[str, object]]:
        """Alerts in the table by id."""
        return {item.key.sort: item.attributes for item in self.alerts.query("alerts")}

    def remembered(self) -> dict[str, object]:
        """Histories by the name of their customer or terminal."""
        items = self.histories._items.values()
        return {item.key.partition: item.attributes["history"] for item in items}


def rows(seed: int = 1, count: int = 600, days: int = 100) -> pl.DataFrame:
    """Rows of MERGED_TRANSACTIONS from 20 January 2018 on: some without a terminal, or a known
    label, at the same instant, in two currencies; one payment in ten is high, half of these are
    fraud."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        is_high = chance.random() < 0.1
        minutes = chance.randrange(days * 24) * 60 if number % 2 else chance.randrange(days * 1440)
        amount = chance.randrange(10_000, 40_000) * (9 if is_high else 1)
        is_fraud = is_high and chance.random() < 0.5
        found.append(
            {
                "transaction_id": None if number % 3 else f"t{number}",
                "customer_id": f"c{chance.randrange(12)}",
                "terminal_id": chance.choice([None, *(f"x{n}" for n in range(6))]),
                "transacted_at": datetime(2018, 1, 20, tzinfo=UTC) + timedelta(minutes=minutes),
                "amount": Decimal(amount) / 10_000,
                "currency": "USD" if number % 11 == 0 else "EUR",
                "quantity": None,
                "is_fraud": None if number % 13 == 0 else is_fraud,
            }
        )
    return pl.DataFrame(found, schema=MERGED_TRANSACTIONS.schema).unique(
        MERGED_TRANSACTIONS.key, maintain_order=True
    )


def months_of(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Rows by month."""
    by_month = frame.with_columns(pl.col("transacted_at").dt.strftime("%Y-%m").alias("month"))
    return {
        str(month): part.drop("month")
        for (month,), part in sorted(by_month.partition_by("month", as_dict=True).items())
    }


def publish(storage: MemoryStorage, month: str, frame: pl.DataFrame, source: str = SOURCE) -> None:
    """Write a month's rows as curated-to-prod does."""
    prod_files.publish(storage, MERGED_TRANSACTIONS, month, frame, source)
