"""The public data sets, and where they are.

Online Retail and the card transactions are looked up in FLEET_DATA_DIR, then in `.fleet/data`,
where `make data` puts the former.
"""

from __future__ import annotations

import os
from pathlib import Path

from fleet.paths import STATE

DATA = STATE / "data"
# UCI Machine Learning Repository, data set 352, D. Chen, CC BY 4.0.
ONLINE_RETAIL_URL = "https://archive.ics.uci.edu/static/public/352/online+retail.zip"
ONLINE_RETAIL_ARCHIVE = "online_retail.zip"
# Of the archive as published; several public repositories recorded it independently.
ONLINE_RETAIL_SHA256 = "f5385cbb54bbebf7196389109c6b0621faab0c304e3702548165e71c84aede8b"
ONLINE_RETAIL_ROWS = 541_909
ONLINE_RETAIL_FILE = "online_retail.parquet"
ONLINE_RETAIL_COLUMNS = [
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
]
# Of the Fraud Detection Handbook's simulator; its publisher has it as pickles, which are not safe
# to load, so there is nothing to fetch.
CARD_TRANSACTIONS_FILE = "card_transactions_simulated.parquet"
CARD_TRANSACTIONS_ROWS = 584_546


def online_retail() -> Path | None:
    """The complete data set as Parquet, if it is on this machine."""
    return _found(ONLINE_RETAIL_FILE)


def card_transactions() -> Path | None:
    """The complete data set as Parquet, if it is on this machine."""
    return _found(CARD_TRANSACTIONS_FILE)


def _found(name: str) -> Path | None:
    folders = [Path(os.environ.get("FLEET_DATA_DIR", "")), DATA]
    return next((p for f in folders if (p := f / name).is_file()), None)
