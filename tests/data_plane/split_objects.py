"""Large objects, and their curation in parts."""

from __future__ import annotations

import io
import json
from datetime import datetime
from typing import Any

import polars as pl

from datalake.layout import CuratedObject
from datalake.memory import MemoryStorage
from raw_to_curated.settings import Settings
from raw_to_curated.split import SplitService

KEY = "online-retail/all.csv"
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
ROW = '{number},85123A,"a ""quoted"", name",{quantity},2010-12-01 08:26:00,{price},17850,UK\n'
ROWS = ("rows_in", "rows_curated", "rows_quarantined", "exact_duplicates")
SETTINGS = Settings(
    raw_bucket="raw",
    curated_bucket="curated",
    quarantine_bucket="quarantine",
    split_mb=2_000 / 2**20,
)


def rows(begin: int, end: int) -> str:
    return "".join(
        ROW.format(
            number=536000 + n, quantity=-1 if n % 7 == 0 else 2, price=0 if n % 9 == 0 else 1
        )
        for n in range(begin, end)
    )


# The same rows again: every one after the first 300 repeats one of another part.
TEXT = HEADER + rows(0, 300) + rows(0, 300) + "536999,too few\n"


def plan(splitter: SplitService, key: str = KEY) -> dict[str, Any]:
    # Through JSON, as a state machine hands it on.
    planned = splitter.handle({"action": "plan", "bucket": "raw", "key": key})
    result: dict[str, Any] = json.loads(json.dumps(planned))
    return result


def curated(key: str) -> CuratedObject:
    return CuratedObject.of(key.partition("/")[0], key)


def table(storage: MemoryStorage, name: str, key: str = KEY) -> pl.DataFrame:
    report = json.loads(storage.get("curated", curated(key).report_key).body)
    keys = [(o["bucket"], o["key"]) for o in report["outputs"] if o["table"] == name]
    return pl.concat(pl.read_parquet(io.BytesIO(storage.get(*key).body)) for key in keys)


PARQUET_KEY = "card-transactions/all.parquet"


def payments(size: int) -> pl.DataFrame:
    """Card transactions as their source has them; each tenth without an amount."""
    number = pl.int_range(size)
    begin = datetime(2018, 4, 1)
    return pl.select(
        TX_DATETIME=pl.lit(begin) + pl.duration(seconds=number),
        CUSTOMER_ID=number % 97,
        TERMINAL_ID=number % 89,
        TX_AMOUNT=pl.when(number % 10 != 0).then(number),
        TX_FRAUD=(number % 50 == 0).cast(pl.Int8),
        TX_FRAUD_SCENARIO=pl.lit(0),
    )


def row_groups(rows: int, size: int) -> bytes:
    """The bytes of a Parquet file of payments, with `size` rows in a row group."""
    body = io.BytesIO()
    payments(rows).write_parquet(body, row_group_size=size)
    return body.getvalue()
