"""The rows of public data sets; where one is not here, those of a made-up shop in its form.

Tests and benchmarks use them: what holds for the one has to hold for the other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from open_data import sets
from shop import Parameters, Shop, writers
from shop.files import order_lines
from shop.parameters import DirtLaws
from shop.payments import payment_months


@dataclass(frozen=True)
class DataSet:
    """`rows` have the columns of the published data set; `title` says which of both they are."""

    title: str
    rows: pl.DataFrame
    is_real: bool


def online_retail(lines: int) -> DataSet:
    """Online Retail, or about `lines` lines of a shop over the same months."""
    if path := sets.online_retail():
        return _published("Online Retail", path)
    return _made_up("Online Retail", _order_lines(lines))


def card_transactions(payments: int) -> DataSet:
    """The simulated card transactions, or about `payments` payments of a shop's cards."""
    if path := sets.card_transactions():
        return _published("Card transactions", path)
    months = payment_months(Parameters(lines=2 * payments, start=date(2018, 6, 1), months=2))
    rows = pl.concat(writers.card_transactions(month.payments) for month in months)
    return _made_up("card transactions", rows)


def _published(name: str, path: Path) -> DataSet:
    rows = pl.read_parquet(path)
    return DataSet(f"{name}, {rows.height:,} rows", rows, is_real=True)


def _made_up(name: str, rows: pl.DataFrame) -> DataSet:
    title = f"A made-up shop, {rows.height:,} rows, in place of {name}"
    return DataSet(title, rows, is_real=False)


def _order_lines(lines: int) -> pl.DataFrame:
    # What has lost its column or is no date has no place in typed columns.
    dirt = replace(DirtLaws(), shifted_columns=0, wrong_date=0)
    shop = Shop(Parameters(lines=lines, start=date(2010, 12, 1), months=13, dirt=dirt))
    texts = pl.concat(
        order_lines(shop, month, block).rows for month in shop.months() for block in month.blocks
    )
    return texts.with_columns(
        pl.col("Quantity").cast(pl.Int64),
        pl.col("InvoiceDate").str.to_datetime(writers.SECONDS, time_unit="ns"),
        pl.col("UnitPrice").cast(pl.Float64),
        pl.col("CustomerID").replace("", None).cast(pl.Float64),
    )
