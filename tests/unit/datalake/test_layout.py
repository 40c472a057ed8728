from __future__ import annotations

import pytest

from datalake import layout
from datalake.contracts.prod import (
    COPILOT_FACTS,
    CUSTOMER_FEATURES,
    CUSTOMER_HISTORIES,
    DEMAND_DAILY,
    MERGED_ORDERS,
    PROD_TABLES,
)
from datalake.layout import CuratedObject, Partition, object_id, partition_of
from fleet.catalogue import load
from fleet.paths import CATALOGUE

OBJECT = CuratedObject("shop", "jan")


def test_the_keys_of_an_objects_results() -> None:
    folder = "source=shop/object=jan"
    assert OBJECT.report_key == f"data-quality/{folder}/report.json"
    assert OBJECT.rejection_key == f"data-quality/{folder}/rejection.json"
    assert OBJECT.page_key == f"quality/{folder}/report.html"
    assert OBJECT.table_key("orders") == f"orders/{folder}/part-0.parquet"
    assert OBJECT.table_key("orders", 12) == f"orders/{folder}/part-12.parquet"
    assert OBJECT.quarantine_key(1) == f"rows/{folder}/part-1.parquet"
    assert OBJECT.staging_prefix("v") == f"staging/{folder}/version=v/"
    assert OBJECT.table_key("orders").startswith(OBJECT.table_prefix("orders"))
    assert OBJECT.quarantine_key().startswith(OBJECT.quarantine_prefix)
    assert OBJECT.reports_prefix == f"{layout.reports_prefix('shop')}object=jan/"
    assert OBJECT.report_key.startswith(OBJECT.reports_prefix)
    assert OBJECT.rejection_key.startswith(OBJECT.reports_prefix)


def test_a_report_names_its_object() -> None:
    assert CuratedObject.from_report_key(OBJECT.report_key) == OBJECT


def test_reports_are_told_from_other_results() -> None:
    assert layout.is_report(OBJECT.report_key)
    assert layout.is_report(OBJECT.rejection_key)
    assert not layout.is_report(OBJECT.table_key("orders"))
    assert not layout.is_report(OBJECT.page_key)


@pytest.mark.parametrize(
    "key",
    [
        OBJECT.rejection_key,
        OBJECT.table_key("orders"),
        "data-quality/source=../object=jan/report.json",
        "data-quality/source=shop/object=../../x/report.json",
        "data-quality/source=shop/object=jan/report.json\n",
        "report.json",
    ],
)
def test_other_keys_are_not_a_reports(key: str) -> None:
    assert CuratedObject.from_report_key(key) is None


@pytest.mark.parametrize(
    "key",
    [
        "online-retail/2010 12/Ä report+final(1).csv",
        "online-retail/../../orders/x.csv",
        "online-retail/a\nb.csv",
        "online-retail/" + "x" * 900 + ".csv.gz",
        "online-retail/-.csv",
    ],
)
def test_any_key_gives_safe_keys(key: str) -> None:
    results = CuratedObject.of("online-retail", key)
    for written in (results.table_key("orders"), results.report_key):
        assert len(written) < 200
        assert ".." not in written
    assert set(object_id(key)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert CuratedObject.from_report_key(results.report_key) == results


def test_different_keys_have_different_ids() -> None:
    keys = ["online-retail/a.csv", "online-retail/x/a.csv", "online-retail/A.csv", "a.csv.gz"]
    assert len({object_id(key) for key in keys}) == len(keys)


@pytest.mark.parametrize(
    ("partition", "folder"),
    [
        (Partition(DEMAND_DAILY, "shop", "2011-01"), "demand_daily/source=shop/month=2011-01"),
        (
            Partition(CUSTOMER_FEATURES, "shop", "2011-02-01"),
            "customer_features/source=shop/as_of=2011-02-01",
        ),
        (Partition(COPILOT_FACTS, "shop"), "copilot_facts/source=shop"),
    ],
)
def test_the_keys_of_a_partition_name_it(partition: Partition, folder: str) -> None:
    assert partition.data_key == f"{folder}/part-0.{partition.table.file_format}"
    assert partition.manifest_key == f"{folder}/_manifest.json"
    assert layout.is_manifest(partition.manifest_key)
    assert not layout.is_manifest(partition.data_key)
    for key in (partition.data_key, partition.manifest_key):
        assert key.startswith(layout.partitions_prefix(partition.table, "shop"))
        assert partition_of(key, PROD_TABLES) == partition
        assert (
            partition_of(key, [table for table in PROD_TABLES if table != partition.table]) is None
        )


@pytest.mark.parametrize(
    "key",
    [
        "demand_daily/source=shop/part-0.parquet",
        "demand_daily/source=shop/month=2011-01/part-1.parquet",
        "demand_daily/source=shop/month=2011-01/part-0.jsonl",
        "demand_daily/source=../month=2011-01/_manifest.json",
        "x/demand_daily/source=shop/month=2011-01/_manifest.json",
        "_index/merged_orders/source=shop/month=2011-01/part-0.parquet",
    ],
)
def test_other_keys_are_of_no_partition(key: str) -> None:
    assert partition_of(key, PROD_TABLES) is None


def test_a_file_of_rows_names_its_object() -> None:
    assert CuratedObject.from_table_key(OBJECT.table_key("market_series", 12)) == OBJECT
    for key in (
        OBJECT.report_key,
        OBJECT.table_prefix("orders"),
        f"x/{OBJECT.table_key('orders')}",
    ):
        assert CuratedObject.from_table_key(key) is None


def test_what_is_internal_lies_where_engines_pass_over_it() -> None:
    merged = Partition(MERGED_ORDERS, "shop", "2011-01")
    key = layout.contributions_key(merged)
    assert key == "_index/merged_orders/source=shop/month=2011-01/part-0.parquet"
    assert key.startswith(layout.contributions_prefix(MERGED_ORDERS, "shop"))
    histories = Partition(CUSTOMER_HISTORIES, "shop", "2011-01")
    assert layout.partition_of(histories.data_key, [CUSTOMER_HISTORIES]) == histories
    internal = (key, layout.periods_key("shop", "jan"), histories.data_key, histories.manifest_key)
    assert all(map(layout.is_internal, internal))
    assert not layout.is_internal(merged.data_key)


def test_what_is_staged_expires_and_nothing_else() -> None:
    prefixes = tuple(load(CATALOGUE).expire_days["curated"])
    assert OBJECT.staging_prefix("1").startswith(prefixes)
    for key in (
        OBJECT.table_key("orders"),
        OBJECT.report_key,
        OBJECT.rejection_key,
        OBJECT.page_key,
    ):
        assert not key.startswith(prefixes)


def test_curated_to_prod_hears_of_reports() -> None:
    (trigger,) = load(CATALOGUE).functions["curated-to-prod"].triggers
    assert trigger.type == "s3"
    assert trigger.prefix == layout.REPORTS
    assert OBJECT.report_key.endswith(trigger.suffix)
    assert not OBJECT.rejection_key.endswith(trigger.suffix)
