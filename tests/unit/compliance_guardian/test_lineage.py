"""Where the content of an object lies, too."""

import json

from compliance_guardian.insights import key_hash
from compliance_guardian.lineage import Place, copies, prod_tables
from datalake.layout import CuratedObject
from datalake.memory import MemoryStorage

KEY = "shop/2026-01.csv"


def test_copies_are_the_outputs_of_the_report():
    storage = MemoryStorage()
    report = {
        "outputs": [{"bucket": "curated", "key": "orders/a"}, {"bucket": "quarantine", "key": "q"}]
    }
    storage.write("curated", CuratedObject.of("shop", KEY).report_key, json.dumps(report).encode())

    found = copies(storage, "curated", "shop", key_hash(KEY), KEY)

    assert found == [Place("curated", "orders/a"), Place("quarantine", "q")]


def test_without_a_report_there_is_none():
    assert copies(MemoryStorage(), "curated", "shop", f"inbox-{key_hash(KEY)}", KEY) == []


def test_a_masked_key_leads_nowhere():
    assert copies(MemoryStorage(), "curated", "shop", key_hash(KEY), "shop/****.csv") is None


def test_prod_tables_with_rows_of_the_source():
    storage = MemoryStorage()
    storage.write("prod", "customer_days/source=shop/month=2026-01/part-0.parquet", b"x")
    storage.write("prod", "merged_orders/source=other/month=2026-01/part-0.parquet", b"x")

    found = list(prod_tables(storage, "prod", "shop"))

    assert found == [Place("prod", "customer_days/source=shop/")]
