from __future__ import annotations

from collections import Counter
from dataclasses import asdict, replace

import numpy as np
import polars as pl
import pytest

from shop.dirt import COPIES, FIRST_ROW, soil
from shop.parameters import DirtLaws
from shop.streams import stream

COUNT = 20_000
CLEAN = pl.DataFrame(
    {
        "InvoiceNo": [str(100_001 + i // 5) for i in range(COUNT)],
        "StockCode": [str(30_000 + i) for i in range(COUNT)],
        "Description": ["OAK TRAY" if i % 2 else "CRÈME CAFÉ MUG" for i in range(COUNT)],
        "Quantity": ["-2" if i % 10 == 9 else "3" for i in range(COUNT)],
        "InvoiceDate": ["2023-05-17 10:30:00"] * COUNT,
        "UnitPrice": ["4.95"] * COUNT,
        "CustomerID": ["100001"] * COUNT,
        "Country": ["Germany"] * COUNT,
    }
)
LAWS = DirtLaws(**dict.fromkeys(asdict(DirtLaws()), 0.01))
DIRTY = soil(CLEAN, LAWS, stream(1, "test"))


def only(kind: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows before and after, of a file with this kind only."""
    laws = DirtLaws(**dict.fromkeys(asdict(DirtLaws()), 0.0))
    dirty = soil(CLEAN, replace(laws, **{kind: 0.05}), stream(1, kind))
    at = dirty.labels["line"].to_numpy() - FIRST_ROW
    after = dirty.rows[at]
    before = CLEAN.filter(pl.col("StockCode").is_in(after["StockCode"].implode()))
    assert after.height == before.height > 100
    return before, after


def test_what_has_no_label_is_clean_and_complete() -> None:
    dirty = DIRTY.labels["line"].to_numpy() - FIRST_ROW
    is_clean = np.ones(DIRTY.rows.height, dtype=bool)
    is_clean[dirty] = False
    clean = DIRTY.rows.filter(is_clean)
    copies = DIRTY.labels["kind"].is_in(COPIES).sum()

    assert DIRTY.rows.height == COUNT + copies
    assert clean.join(CLEAN, on=CLEAN.columns, how="anti").is_empty()
    assert clean.height == COUNT - (DIRTY.labels.height - copies)


def test_every_kind_is_as_frequent_as_asked() -> None:
    count = Counter(DIRTY.labels["kind"])
    # Credit notes stay clean, and only half the descriptions are not ASCII.
    invoices = COUNT * 0.9

    for kind in asdict(LAWS):
        expected = invoices * 0.01 * (5 / 9 if kind == "mojibake" else 1)
        assert count[kind] == pytest.approx(expected, abs=4 * np.sqrt(expected))


def test_copies_stand_below_the_line_that_they_repeat() -> None:
    copies = DIRTY.labels.filter(pl.col("kind").is_in(COPIES))
    others = DIRTY.labels.filter(~pl.col("kind").is_in(COPIES))
    original = DIRTY.rows[copies["repeats"].to_numpy() - FIRST_ROW]
    copy = DIRTY.rows[copies["line"].to_numpy() - FIRST_ROW]

    assert others["repeats"].null_count() == others.height
    assert (copies["line"] - copies["repeats"] == 1).all()
    is_exact = copies["kind"] == "exact_duplicate"
    assert original.filter(is_exact).equals(copy.filter(is_exact))
    near, of = copy.filter(~is_exact), original.filter(~is_exact)
    assert near.drop("Description").equals(of.drop("Description"))
    assert (near["Description"] != of["Description"]).all()


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        ("typo", "Description"),
        ("mojibake", "Description"),
        ("missing_customer", "CustomerID"),
        ("price_times_ten", "UnitPrice"),
        ("wrong_date", "InvoiceDate"),
    ],
)
def test_a_kind_changes_its_column_only(kind: str, column: str) -> None:
    before, after = only(kind)

    assert before.drop(column).equals(after.drop(column))
    assert (before[column] != after[column]).all()


def test_prices_are_ten_times_as_high() -> None:
    assert set(only("price_times_ten")[1]["UnitPrice"]) == {"49.50"}


def test_mojibake_is_read_back_by_the_inverse() -> None:
    before, after = only("mojibake")

    assert set(before["Description"]) == {"CRÈME CAFÉ MUG"}
    assert {text.encode("cp1252").decode() for text in after["Description"]} == {"CRÈME CAFÉ MUG"}


def test_a_typo_keeps_the_letters() -> None:
    before, after = only("typo")

    for right, wrong in zip(before["Description"], after["Description"], strict=True):
        assert sorted(right) == sorted(wrong)


def test_dates_are_wrong_in_several_ways() -> None:
    assert set(only("wrong_date")[1]["InvoiceDate"]) == {
        "17/05/2023 10:30",
        "2023-02-30 10:30:00",
        "1900-01-01 00:00:00",
    }


def test_shifted_columns_lose_the_description() -> None:
    before, after = only("shifted_columns")

    assert before.columns[3:] == CLEAN.columns[3:]
    assert after.row(0)[2:] == (*before.row(0)[3:], "")


def test_a_file_without_rows_stays_empty() -> None:
    assert soil(CLEAN.clear(), LAWS, stream(1, "test")).labels.is_empty()
