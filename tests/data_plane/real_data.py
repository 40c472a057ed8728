"""Real data as curated tables, for the tests that FLEET_DATA_DIR makes possible."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest

from datalake.contracts import MONEY, Table
from datalake.contracts.curated import ORDERS, RETURNS, TRANSACTIONS

# Enough to tell goods from the rest; raw-to-curated's rule is tested there.
_NO_GOODS = r"\A(?:POST|DOT|C2|M|m|D|S|B|CRUK|PADS|AMAZONFEE|BANK CHARGES|gift_.*|DCGS.*)\z"


def data(name: str) -> pl.DataFrame:
    folder = os.environ.get("FLEET_DATA_DIR")
    if not folder:
        pytest.skip(f"set FLEET_DATA_DIR to the folder that has {name}")
    return pl.read_parquet(Path(folder) / name)


def online_retail() -> dict[str, pl.DataFrame]:
    """All of Online Retail, as orders and returns."""
    raw = data("online_retail.parquet").unique(maintain_order=True).with_row_index("line_number", 2)
    lines = raw.filter(
        (pl.col("UnitPrice") > 0) & pl.col("InvoiceNo").cast(pl.String).str.contains(r"^C?\d{6}$")
    ).select(
        pl.col("InvoiceNo").cast(pl.String).alias("order_id"),
        pl.col("line_number").cast(pl.Int64),
        pl.col("StockCode").cast(pl.String).alias("product_id"),
        pl.col("Description").cast(pl.String).str.strip_chars().alias("description"),
        pl.col("Quantity").cast(pl.Int64).alias("quantity"),
        pl.col("UnitPrice").round(4).cast(MONEY).alias("unit_price"),
        pl.lit("GBP").alias("currency"),
        pl.col("InvoiceDate")
        .cast(pl.Datetime("us"))
        .dt.replace_time_zone("Europe/London")
        .dt.convert_time_zone("UTC")
        .alias("ordered_at"),
        pl.col("CustomerID").cast(pl.Int64, strict=False).cast(pl.String).alias("customer_id"),
        pl.col("Country").cast(pl.String).alias("country"),
        pl.col("InvoiceNo").cast(pl.String).str.starts_with("C").alias("is_cancellation"),
    )
    is_goods = ~pl.col("product_id").str.contains(_NO_GOODS)
    lines = lines.with_columns(
        pl.when(is_goods).then(pl.lit("product")).otherwise(pl.lit("other")).alias("line_type")
    )
    sold, returned = lines.filter(pl.col("quantity") > 0), lines.filter(pl.col("quantity") < 0)
    return {
        "orders": conform(ORDERS, sold),
        "returns": conform(RETURNS, returned.with_columns(pl.col("quantity").abs())),
    }


def card_transactions() -> dict[str, pl.DataFrame]:
    raw = data("card_transactions_simulated.parquet").with_row_index("line_number", 1)
    rows = raw.select(
        pl.lit(None, dtype=pl.String).alias("transaction_id"),
        pl.col("line_number").cast(pl.Int64),
        pl.col("CUSTOMER_ID").cast(pl.String).alias("customer_id"),
        pl.col("TERMINAL_ID").cast(pl.String).alias("terminal_id"),
        pl.col("TX_DATETIME")
        .cast(pl.Datetime("us"))
        .dt.replace_time_zone("UTC")
        .alias("transacted_at"),
        (pl.col("TX_AMOUNT").cast(pl.Decimal(18, 4)) / 100).cast(MONEY).alias("amount"),
        pl.lit("EUR").alias("currency"),
        pl.lit(None, dtype=pl.Int64).alias("quantity"),
        (pl.col("TX_FRAUD") == 1).alias("is_fraud"),
    )
    return {"transactions": conform(TRANSACTIONS, rows)}


def conform(table: Table, rows: pl.DataFrame) -> pl.DataFrame:
    """The table's columns in order, with the contract's defaults where the rows have none."""
    return rows.select(
        pl.col(column.name)
        if column.name in rows.columns
        else pl.lit(column.default, dtype=column.dtype).alias(column.name)
        for column in table.columns
    )
