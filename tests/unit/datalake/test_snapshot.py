from __future__ import annotations

import hashlib
from datetime import date
from itertools import permutations
from typing import Any

import polars as pl
import pytest

from datalake.contracts.prod import COPILOT_FACTS, COUNTRY_YEARS, MARKET_PANEL, ProdTable
from datalake.files import encode
from datalake.layout import Partition
from datalake.manifest import Input
from datalake.memory import MemoryStorage
from datalake.snapshot import ROWS, ChangedError, ContentCache, Snapshot, data_version
from datalake.storage import SHA256, StoredObject


class Counted(MemoryStorage):
    """Remembers the keys that were read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    def get(self, bucket: str, key: str, **options: Any) -> StoredObject:
        self.read.append(key)
        return super().get(bucket, key, **options)


def panel(*days: date) -> pl.DataFrame:
    rows = [("AAA", "daily", day, 1.0, True, None, None, "USD") for day in days]
    return pl.DataFrame(rows, schema=MARKET_PANEL.schema, orient="row")


def write(
    storage: MemoryStorage, table: ProdTable, period: str, frame: pl.DataFrame, source: str = "shop"
) -> Partition:
    content = encode(table, frame)
    partition = Partition(table, source, period)
    metadata = {SHA256: hashlib.sha256(content).hexdigest(), ROWS: str(frame.height)}
    storage.write("prod-bucket", partition.data_key, content, metadata)
    storage.write("prod-bucket", partition.manifest_key, b"{}")
    return partition


def snapshot(storage: MemoryStorage, cache: ContentCache | None = None) -> Snapshot:
    return Snapshot(storage, "prod-bucket", "shop", cache or ContentCache(2**20))


@pytest.fixture
def storage() -> Counted:
    storage = Counted()
    write(storage, MARKET_PANEL, "2020", panel(date(2020, 1, 2)))
    write(storage, MARKET_PANEL, "2018", panel(date(2018, 1, 2), date(2018, 1, 3)))
    write(storage, MARKET_PANEL, "2019", panel())
    write(storage, MARKET_PANEL, "2021", panel(date(2021, 1, 2)), source="other")
    return storage


def test_the_partitions_of_a_source_and_their_rows(storage: Counted) -> None:
    shop = snapshot(storage)
    assert shop.existing(MARKET_PANEL) == ["2018", "2019", "2020"]
    assert shop.periods(MARKET_PANEL) == ["2018", "2020"]
    assert shop.partition(MARKET_PANEL, "2019") is None
    assert shop.partition(MARKET_PANEL, "2021") is None
    rows = shop.rows(MARKET_PANEL, ["2020", "2019", "2018", "2017"], ("observed_on",))
    assert rows["observed_on"].to_list() == [date(2020, 1, 2), date(2018, 1, 2), date(2018, 1, 3)]
    assert shop.rows(COUNTRY_YEARS, [""]).equals(COUNTRY_YEARS.schema.to_frame())


def test_json_lines_are_read_too(storage: Counted) -> None:
    days = (date(2011, 1, 1), date(2011, 1, 31))
    fact = ("total", "all", "All", "orders", "GBP", None, 2.0, "invoices", *days)
    facts = pl.DataFrame([fact], schema=COPILOT_FACTS.schema, orient="row")
    write(storage, COPILOT_FACTS, "", facts)
    assert snapshot(storage).rows(COPILOT_FACTS, [""]).equals(facts)


def test_what_was_looked_at_stays_what_it_was(storage: Counted) -> None:
    shop = snapshot(storage)
    before = shop.partition(MARKET_PANEL, "2020")
    write(storage, MARKET_PANEL, "2020", panel(date(2020, 5, 5)))
    write(storage, MARKET_PANEL, "2022", panel(date(2022, 5, 5)))
    assert shop.partition(MARKET_PANEL, "2020") == before
    assert "2022" not in shop.existing(MARKET_PANEL)
    with pytest.raises(ChangedError, match="has the hash"):
        shop.rows(MARKET_PANEL, ["2020"])
    assert snapshot(storage).partition(MARKET_PANEL, "2020") != before


def test_a_partition_that_is_gone_has_changed(storage: Counted) -> None:
    shop = snapshot(storage)
    assert shop.partition(MARKET_PANEL, "2020")
    storage.remove("prod-bucket", Partition(MARKET_PANEL, "shop", "2020").data_key)
    with pytest.raises(ChangedError, match="2020"):
        shop.rows(MARKET_PANEL, ["2020"])


def test_snapshots_share_what_they_read(storage: Counted) -> None:
    cache = ContentCache(2**20)
    for _ in range(2):
        assert snapshot(storage, cache).rows(MARKET_PANEL, ["2018", "2020"]).height == 3
    assert len(storage.read) == 2


def test_the_cache_drops_what_was_not_used_for_longest() -> None:
    cache = ContentCache(10)
    cache.put("a", b"1234")
    cache.put("b", b"1234")
    assert cache.get("a") == b"1234"
    cache.put("c", b"1234")
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (b"1234", None, b"1234")
    cache.put("large", b"12345678901")
    assert cache.get("large") is None
    assert cache.get("c") == b"1234"


def test_the_version_of_data_depends_on_its_files_alone() -> None:
    files = [Input("prod", key, sha256) for key, sha256 in (("a", "1"), ("b", "2"), ("c", "3"))]
    versions = {data_version(order) for order in permutations(files)}
    assert len(versions) == 1
    assert len(versions.pop()) == 16
    changed = [*files[:2], Input("prod", "c", "4")]
    assert len({data_version(entry) for entry in (files, files[:2], changed, [])}) == 4
