"""How long a customer is in the snapshots, and what is known of one who comes back."""

from __future__ import annotations

from statistics import median, stdev
from typing import Any

import polars as pl
import pytest

from data_plane.small_shop import line, process, put, rows, sales
from datalake.layout import is_manifest
from datalake.memory import MemoryStorage


def snapshots_of(storage: MemoryStorage, customer: str) -> dict[str, dict[str, Any]]:
    """By date."""
    prefix = "customer_features/source=shop/as_of="
    found = {}
    for key in storage.keys("prod", prefix):
        if not is_manifest(key):
            mine = rows(storage, key).filter(pl.col("customer_id") == customer)
            if mine.height:
                found[key.removeprefix(prefix)[:10]] = mine.row(0, named=True)
    return found


@pytest.mark.parametrize("together", [True, False])
def test_a_customer_leaves_after_24_months_and_comes_back_with_all_that_was_known(
    storage: MemoryStorage, together: bool
) -> None:
    bought = ["2011-01-05", "2011-01-09", "2013-05-31", "2013-06-02"]
    lines = [line(f"{n}", "A", day, customer_id="1") for n, day in enumerate(bought)]
    lines.append(line("9", "A", "2013-08-01", customer_id="2"))
    parts = [lines] if together else [[entry] for entry in reversed(lines)]
    for number, part in enumerate(parts):
        process(storage, put(storage, f"o{number}", sales(part)))
    mine = snapshots_of(storage, "1")
    assert len(mine) == 24 + 4
    assert next(iter(mine)) == "2011-02-01"
    assert list(mine)[23:25] == ["2013-01-01", "2013-06-01"]
    last = mine["2013-07-01"]
    names = ("purchase_days", "tenure_days", "orders", "orders_30d", "orders_365d")
    assert [last[name] for name in names] == [4, 908, 4, 1, 2]
    gaps = [4.0, 873.0, 2.0]
    assert last["median_gap_days"] == median(gaps)
    assert last["std_gap_days"] == pytest.approx(stdev(gaps))
    assert last["last_gap_days"] == 2.0


def test_a_customer_who_only_returned_is_known_once_they_buy(storage: MemoryStorage) -> None:
    credit = [line("C1", "A", "2011-01-05", customer_id="1", country="Old")]
    process(storage, put(storage, "x", sales([], credit)))
    assert snapshots_of(storage, "1") == {}
    process(storage, put(storage, "y", sales([line("2", "A", "2011-03-01", customer_id="1")])))
    mine = snapshots_of(storage, "1")
    assert list(mine) == ["2011-04-01"]
    known = mine["2011-04-01"]
    assert (known["returns"], known["orders"], known["country"]) == (1, 1, "France")
