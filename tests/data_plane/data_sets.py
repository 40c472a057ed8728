"""Public data sets, or a made-up shop where they are not here: raw and as curated tables."""

from __future__ import annotations

from functools import cache

import polars as pl
import pytest

from datalake.contracts import MONEY, Table
from datalake.contracts.curated import ORDERS, RETURNS, TRANSACTIONS
from open_data import stand_ins
from open_data.stand_ins import DataSet

# Enough to tell goods from the rest; raw-to-curated's rule is tested there.
_NO_GOODS = r"\A(?:POST|DOT|C2|M|m|D|S|B|CRUK|PADS|AMAZONFEE|BANK CHARGES|gift_.*|DCGS.*)\z"


@cache
def online_retail_rows() -> DataSet:
    return stand_ins.online_retail(lines=20_000)


@cache
def card_rows() -> DataSet:
    return stand_ins.card_transactions(payments=20_000)


def require_real(data: DataSet) -> None:
    """Skip a test of figures that are true of the published data set."""
    if not data.is_real:
        pytest.skip("its figures are of the published data; FLEET_DATA_DIR names its folder")


def online_retail() -> dict[str, pl.DataFrame]:
    """Orders and returns."""
    raw = online_retail_rows().rows.unique(maintain_order=True).with_row_index("line_number", 2)
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
    raw = card_rows().rows.with_row_index("line_number", 1)
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
