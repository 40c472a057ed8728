"""Lines of Online Retail and Superstore, curated without storage."""

from __future__ import annotations

import pytest

from data_plane.curation import Curated, curate
from raw_to_curated.reasons import RejectedError
from raw_to_curated.sources import SOURCES
from raw_to_curated.sources.model import Source

RETAIL = SOURCES["online-retail"]
SUPERSTORE = SOURCES["superstore"]
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
GOOD = "536365,85123A,WHITE HOLDER,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n"
KEY = "online-retail/a.csv"
SUPERSTORE_HEADER = (
    "Ship Mode,Segment,Country,City,State,Postal Code,Region,Category,Sub-Category,"
    "Sales,Quantity,Discount,Profit\r\n"
)
SUPERSTORE_ROW = (
    "Second Class,Consumer,United States,Henderson,Kentucky,42420,South,Furniture,Bookcases,"
    "261.96,2,0.2,-41.9136\r\n"
)


def retail(rows: str) -> Curated:
    return curate(RETAIL, KEY, (HEADER + rows).encode())


def rejection_of(body: bytes, key: str = KEY, source: Source = RETAIL) -> RejectedError:
    with pytest.raises(RejectedError) as caught:
        curate(source, key, body)
    assert len(caught.value.message) > 40
    return caught.value


def replace(column: int, value: str) -> str:
    fields = GOOD.rstrip("\n").split(",")
    fields[column] = value
    return ",".join(fields) + "\n"
