"""How long a customer is in the snapshots, and what is known of one who comes back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from statistics import median, stdev
from typing import Any, cast

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curated_to_prod.customer_steps import Histories
from curated_to_prod.customers import customer_histories
from curated_to_prod.source_snapshot import SourceSnapshot
from data_plane.curated_objects import frame
from data_plane.small_shop import line, process, put, rows, sales
from datalake.contracts.prod import CUSTOMER_DAYS, CUSTOMER_HISTORIES, ProdTable
from datalake.layout import is_manifest
from datalake.manifest import Input
from datalake.memory import MemoryStorage
from datalake.periods import end_day


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


class Months:
    """What a snapshot has of customers: their days, and the histories that were made of them."""

    def __init__(self, days: pl.DataFrame) -> None:
        month = days["day"].dt.strftime("%Y-%m").alias("month")
        by_month = days.with_columns(month).partition_by("month", as_dict=True, include_key=False)
        days_of = {name: frame for (name,), frame in sorted(by_month.items())}
        self.tables = {CUSTOMER_DAYS.name: days_of, CUSTOMER_HISTORIES.name: {}}
        for name in days_of:
            build = Histories().inputs_of(cast(SourceSnapshot, self), name).build
            assert build is not None
            self.tables[CUSTOMER_HISTORIES.name][name] = build().rows

    def latest(self, table: ProdTable, before: str) -> str | None:
        return max((name for name in self.tables[table.name] if name < before), default=None)

    def partitions(self, table: ProdTable, periods: list[str]) -> list[Input]:
        found = self.tables[table.name]
        return [Input("prod", f"{table.name}/{p}", p) for p in periods if p in found]

    def rows(self, table: ProdTable, periods: list[str]) -> pl.DataFrame:
        found = self.tables[table.name]
        return pl.concat([table.schema.to_frame(), *(found[p] for p in periods if p in found)])


DAYS = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", "C"]),
        st.dates(date(2001, 1, 1), date(2012, 12, 31)),
        st.sampled_from([(0, 1), (1, 0), (2, 1)]),
    ),
    min_size=1,
    max_size=25,
    unique_by=lambda entry: entry[:2],
)


@settings(max_examples=20, deadline=None)
@given(DAYS)
@example([("A", date(2001, 1, 31), (1, 0)), ("A", date(2003, 1, 1), (1, 0))])
@example([("A", date(2001, 1, 31), (1, 0)), ("B", date(2003, 1, 1), (1, 0))])
def test_histories_are_those_of_all_days_of_whoever_was_there_in_24_months(
    entries: list[tuple[str, date, tuple[int, int]]],
) -> None:
    """However long ago a customer left; and no customer is in more than 24 months for a day."""
    days = frame(
        CUSTOMER_DAYS,
        [
            {"customer_id": customer, "currency": "GBP", "day": day, "orders": o, "returns": r}
            | {"country": None, "units": o, "amount": Decimal(o), "returned_amount": Decimal(r)}
            for customer, day, (o, r) in entries
        ],
    ).sort("day")
    made = Months(days).tables[CUSTOMER_HISTORIES.name]
    nobody = CUSTOMER_HISTORIES.schema.to_frame()
    for month, histories in made.items():
        until = days.filter(pl.col("day") < end_day(month))
        assert histories.equals(customer_histories(nobody, nobody, until, month))
    assert sum(rows.height for rows in made.values()) <= CUSTOMER_HISTORIES.growth * days.height


def test_histories_of_long_ago_are_read_every_24th_month() -> None:
    months = [f"{year}-{month:02d}" for year in range(2001, 2011) for month in range(1, 13)]
    entry = {"customer_id": "A", "currency": "GBP", "orders": 1, "returns": 0, "units": 1}
    money = {"country": None, "amount": Decimal(1), "returned_amount": Decimal(0)}
    days = [{**entry, **money, "day": date.fromisoformat(f"{month}-15")} for month in months]
    snapshot = Months(frame(CUSTOMER_DAYS, days))
    inputs = Histories().inputs_of(cast(SourceSnapshot, snapshot), "2010-12").inputs
    read = [entry.sha256 for entry in inputs if CUSTOMER_HISTORIES.name in entry.key]
    assert read == ["2010-11", "2008-11", "2006-11", "2004-11", "2002-11"]
