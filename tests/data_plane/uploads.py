"""Uploaded files of Online Retail, and the reports on them."""

from __future__ import annotations

import json
from typing import Any

from datalake.memory import MemoryStorage
from lambda_app.s3_events import CreatedObject
from raw_to_curated.settings import Settings

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
ORDER = "536365,85123A,WHITE HOLDER,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n"
RETURN = "C536379,D,Discount,-1,2010-12-01 09:41:00,27.50,14527,United Kingdom\n"
BAD = "536414,22139,,56,2010-12-01 11:52:00,0.0,,United Kingdom\n"
KEY = "online-retail/2010-12.csv"
FULL = HEADER + ORDER + RETURN + BAD + ORDER
SMALL = HEADER + ORDER
SETTINGS = Settings(raw_bucket="raw", curated_bucket="curated", quarantine_bucket="quarantine")


def upload(storage: MemoryStorage, text: str, sequencer: str, key: str = KEY) -> CreatedObject:
    info = storage.write("raw", key, text.encode())
    return CreatedObject(key, sequencer, info.etag, info.version_id)


def report(storage: MemoryStorage, key: str) -> dict[str, Any]:
    content = json.loads(storage.get("curated", key).body)
    assert isinstance(content, dict)
    return content
