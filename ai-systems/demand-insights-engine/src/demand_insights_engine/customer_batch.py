"""Days of customers → segments, cohorts, recommendations, and a card of each customer."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from datalake.contracts.prod import CUSTOMER_DAYS, MERGED_ORDERS
from datalake.layout import Partition
from datalake.snapshot import Snapshot, data_version
from datalake.storage import ObjectStorage
from demand_insights_engine.customers.insights_rows import tables
from demand_insights_engine.customers.tables import CUSTOMER_TABLES
from demand_insights_engine.version import methods_version
from lambda_app.insights import InsightsFile
from lambda_app.observability import count, logger

_BOUGHT = ("customer_id", "product_id", "ordered_at", "line_type")


def update(storage: ObjectStorage, bucket: str, snapshot: Snapshot) -> None:
    """Make the insights on a source's customers as of the day after its last one.

    The last table is written last: where it names the versions, all is there.
    """
    source = snapshot.source
    files = {
        table: InsightsFile.open(storage, bucket, Partition(table, source).data_key, table)
        for table in CUSTOMER_TABLES
    }
    months = snapshot.periods(CUSTOMER_DAYS)
    lines = snapshot.periods(MERGED_ORDERS)
    inputs = [
        *snapshot.partitions(CUSTOMER_DAYS, months),
        *snapshot.partitions(MERGED_ORDERS, lines),
    ]
    versions = {"model_version": methods_version(), "data_version": data_version(inputs)}
    if files[CUSTOMER_TABLES[-1]].is_of(**versions):
        return
    days = snapshot.rows(CUSTOMER_DAYS, months)
    if days.is_empty():
        return
    bought = (
        snapshot.rows(MERGED_ORDERS, lines, _BOUGHT)
        .filter(pl.col("customer_id").is_not_null() & (pl.col("line_type") == "product"))
        .select("customer_id", "product_id", pl.col("ordered_at").dt.date().alias("day"))
    )
    last = days["day"].max()
    found = tables(days, bought, last + timedelta(days=1))
    for table in CUSTOMER_TABLES:
        files[table].write(found[table], **versions)
    customers = found[CUSTOMER_TABLES[-1]].height
    count("CustomersAssessed", customers)
    logger.info("customers assessed", extra={"source": source, "customers": customers})
