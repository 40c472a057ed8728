"""What raw-to-curated writes is what this function reads: its real results, and no stand-in."""

from __future__ import annotations

import io
import json

import polars as pl
import pytest

from curated_to_prod.service import Service, Status
from curated_to_prod.settings import Settings
from datalake.layout import REPORTS, CuratedObject, is_internal, is_manifest
from datalake.memory import MemoryStorage
from lambda_app.s3_events import CreatedObject
from raw_to_curated.service import Service as Curation
from raw_to_curated.settings import Settings as CurationSettings
from raw_to_curated.split import SplitService

RETAIL = (
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    "536365,85123A,WHITE HOLDER,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n"
    "536366,POST,POSTAGE,1,2010-12-01 09:00:00,18.00,17850,United Kingdom\n"
    "C536379,85123A,WHITE HOLDER,-2,2010-12-02 09:41:00,2.55,17850,United Kingdom\n"
)
CARDS = (
    '{"TX_DATETIME": "2018-06-01 10:00:00", "CUSTOMER_ID": 1, "TERMINAL_ID": 2, '
    '"TX_AMOUNT": 1250, "TX_FRAUD": 0, "TX_FRAUD_SCENARIO": 0}\n'
)


SPLIT = CurationSettings(
    raw_bucket="raw",
    curated_bucket="curated",
    quarantine_bucket="quarantine",
    split_mb=2_000 / 2**20,
)


def published(key: str, text: str, *, in_parts: bool = False) -> MemoryStorage:
    storage = MemoryStorage()
    storage.write("raw", key, text.encode())
    if in_parts:
        steps = SplitService(storage, SPLIT)
        plan = steps.handle({"action": "plan", "bucket": "raw", "key": key})
        assert len(plan["parts"]) > 2
        for step in [*plan["parts"], plan["finish"]]:
            assert steps.handle(step)["status"] == "curated"
    else:
        Curation(storage, SPLIT).process(CreatedObject(key, "0A"))
    service = Service(storage, Settings(curated_bucket="curated", prod_bucket="prod"))
    reports = [k for k in storage.keys("curated", REPORTS) if CuratedObject.from_report_key(k)]
    (report,) = reports
    assert service.process(report).status is Status.PUBLISHED
    return storage


@pytest.mark.parametrize("key", ["online-retail/a.csv", "online-retail/b.CSV"])
def test_a_shop_from_raw_to_prod(key: str) -> None:
    storage = published(key, RETAIL)
    body = storage.get(
        "prod", "demand_daily/source=online-retail/month=2010-12/part-0.parquet"
    ).body
    demand = pl.read_parquet(io.BytesIO(body))
    assert demand.select("product_id", "units", "returned_units").rows() == [
        ("85123A", 6, 0),
        ("85123A", 0, 2),
    ]


def test_payments_from_raw_to_prod() -> None:
    storage = published("card-transactions/a.jsonl", CARDS)
    key = "transaction_features/source=card-transactions/month=2018-06/part-0.parquet"
    features = pl.read_parquet(io.BytesIO(storage.get("prod", key).body))
    assert features.select("customer_mean_amount_1d", "is_fraud").rows() == [(12.5, False)]


def contents(storage: MemoryStorage) -> dict[str, bytes]:
    """The products without manifests and contributions, which name the curated files."""
    names = [key for key in storage.keys("prod") if not is_manifest(key) and not is_internal(key)]
    return {key: storage.get("prod", key).body for key in names}


def test_a_shop_in_parts_is_the_shop_whole() -> None:
    """Several months, returns of an earlier part's orders, and lines that two parts have."""
    header, order, _, credit = RETAIL.splitlines()
    sold = [
        order.replace("536365", f"{536365 + n}").replace("2010-12-01", f"2010-12-{n % 28 + 1:02}")
        for n in range(200)
    ]
    later = [line.replace("2010-12", "2011-01") for line in [*sold[:100], credit]]
    text = "\n".join([header, *sold, *later, *sold[:100]]) + "\n"
    whole = published("online-retail/a.csv", text)
    parts = published("online-retail/a.csv", text, in_parts=True)
    files = list(parts.keys("curated", "orders/"))
    assert len(files) > 2
    assert contents(parts) == contents(whole)
    manifest = "merged_orders/source=online-retail/month=2011-01/_manifest.json"
    inputs = json.loads(parts.get("prod", manifest).body)["inputs"]
    assert 1 < len(inputs) < len(files)


def test_payments_in_parts_are_the_payments_whole() -> None:
    lines = [
        CARDS.replace("10:00:00", f"{n % 24:02}:30:00").replace("06-01", f"0{6 + n // 40}-01")
        for n in range(80)
    ]
    key, text = "card-transactions/a.jsonl", "".join(lines)
    whole, parts = published(key, text), published(key, text, in_parts=True)
    assert len(list(parts.keys("curated", "transactions/"))) > 2
    assert contents(parts) == contents(whole)
