from __future__ import annotations

import json
from datetime import timedelta

import polars as pl
import pytest

from data_plane.shop_months import START, no_returns, orders, summarize
from datalake.contracts.curated import ORDERS, RETURNS
from raw_to_curated.quality import Summary


def test_a_summary_is_json_and_accounts_for_every_line() -> None:
    frame = orders(500)
    section = summarize(frame, no_returns())
    assert json.loads(json.dumps(section, allow_nan=False)) == section
    for column in ("unit_price", "quantity"):
        histogram = section["orders"][column]["histogram"]
        assert sum(histogram["counts"]) == 500
        assert len(histogram["counts"]) == len(histogram["edges"]) + 1
    assert sum(section["orders"]["rows_over_time"]["rows"].values()) == 500
    assert sum(section["orders"]["line_types"].values()) == 500
    assert section["returns"]["rows"] == 0


def test_histograms_put_an_edge_into_the_bin_that_begins_with_it() -> None:
    histogram = summarize(orders(5), None)["orders"]["unit_price"]["histogram"]
    filled = {
        edge: count
        for edge, count in zip(["", *histogram["edges"]], histogram["counts"], strict=True)
        if count
    }
    # 0.50 opens the bin from 0.5 on; 12.00 is beyond 10, where polars misreads Decimal("1E+1").
    assert filled == {"0.5": 1, "1": 1, "2": 2, "10": 1}


def test_a_summary_does_not_depend_on_the_order_of_the_rows() -> None:
    frame = orders(200)
    assert summarize(frame.reverse(), None) == summarize(frame, None)


@pytest.mark.parametrize("sizes", [(1, 1, 198), (0, 100, 0, 100), (50, 150)])
def test_a_summary_does_not_depend_on_the_number_of_files(sizes: tuple[int, ...]) -> None:
    frame = orders(200).with_columns(
        is_outlier=pl.int_range(200) % 5 == 0, outlier_score=pl.int_range(200) / 200
    )
    returns = no_returns()
    summary = Summary()
    begin = 0
    for size in sizes:
        summary.add(ORDERS, frame.slice(begin, size))
        summary.add(RETURNS, returns)
        begin += size
    found = summary.section().model_dump(mode="json")
    whole = summarize(frame, returns)
    for section in (found, whole):
        for outlier in section["orders"]["top_outliers"]:
            # Of the file: what the outlier was compared with.
            del outlier["usual_quantity"], outlier["usual_unit_price"]
    assert found == whole
    assert len(found["orders"]["top_outliers"]) == 10


@pytest.mark.parametrize(
    ("hours", "unit"), [(1, "hour"), (48, "hour"), (24 * 30, "day"), (24 * 365, "month")]
)
def test_time_is_counted_in_units_that_suit_the_span(hours: int, unit: str) -> None:
    frame = orders(2).with_columns(ordered_at=pl.Series([START, START + timedelta(hours=hours)]))
    frame = frame.with_columns(pl.col("ordered_at").cast(ORDERS.schema["ordered_at"]))
    assert summarize(frame, None)["orders"]["rows_over_time"]["unit"] == unit


def test_a_summary_stays_small_whatever_the_texts() -> None:
    frame = orders(3_000).with_columns(
        country=pl.format("{}{}", pl.lit("x" * 10_000), pl.int_range(pl.len())),
        description=pl.lit("y" * 10_000),
    )
    section = summarize(frame, None)
    assert len(json.dumps(section)) < 20_000
    assert sum(section["orders"]["countries"].values()) == 3_000
