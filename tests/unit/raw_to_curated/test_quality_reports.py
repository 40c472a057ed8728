"""What is made of the quality columns: summary, drift between objects, the HTML page."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from itertools import permutations
from typing import Any

import polars as pl
import pytest

from datalake.contracts.curated import ORDERS, RETURNS
from datalake.quality_report import CuratedReport, OutputFile, Quality
from raw_to_curated.quality import Summary, assess
from raw_to_curated.quality.history import drift
from raw_to_curated.quality.html import render
from raw_to_curated.quality.plots import short

START = datetime(2011, 1, 3, 9, 0, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>\"'&\x00</style><img src=x onerror=alert(1)>"


def orders(
    rows: int, *, start: datetime = START, pence: int = 1, country: str = "Norway"
) -> pl.DataFrame:
    """Lines, one an hour, with prices from 0.50 to 12.00 times `pence`."""
    prices = ("0.50", "1.25", "2.55", "4.95", "12.00")
    frame = pl.DataFrame(
        {
            "order_id": [str(i // 3) for i in range(rows)],
            "line_number": range(2, rows + 2),
            "product_id": [f"P{i % 5}" for i in range(rows)],
            "description": [HOSTILE if i == 0 else "A THING" for i in range(rows)],
            "quantity": [1 + i % 4 for i in range(rows)],
            "unit_price": [Decimal(prices[i % 5]) * pence for i in range(rows)],
            "currency": "GBP",
            "ordered_at": [start + timedelta(hours=i) for i in range(rows)],
            "customer_id": [None if i % 4 == 0 else str(i % 7) for i in range(rows)],
            "country": country,
        },
        schema={name: ORDERS.schema[name] for name in ORDERS.schema.names()[:10]},
    )
    return assess(frame, None)[0]


def summarize(orders: pl.DataFrame, returns: pl.DataFrame | None) -> dict[str, Any]:
    summary = Summary()
    summary.add(ORDERS, orders)
    if returns is not None:
        summary.add(RETURNS, returns)
    content: dict[str, Any] = summary.section().model_dump(mode="json")
    return content


def report(
    name: str, frame: pl.DataFrame, returns: pl.DataFrame | None = None, **more: Any
) -> dict[str, Any]:
    return {"object_id": name, "quality": summarize(frame, returns), **more}


def no_returns() -> pl.DataFrame:
    return pl.DataFrame(schema=RETURNS.schema)


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


def test_an_empty_object_has_a_summary_and_a_page() -> None:
    section = summarize(orders(0), no_returns())
    assert section["orders"]["time_range"] == {"min": None, "max": None}
    assert b"</html>" in render(report_with(section))


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


def months(*pence: int) -> list[dict[str, Any]]:
    return [
        report(f"m{i}", orders(600, start=START + timedelta(days=30 * i), pence=factor))
        for i, factor in enumerate(pence)
    ]


def test_prices_in_pence_are_a_shift_and_nothing_else_is() -> None:
    entries = drift(months(1, 1, 100))
    assert entries[0]["columns"] == {}
    assert {column["level"] for column in entries[1]["columns"].values()} == {"stable"}
    levels = {name: column["level"] for name, column in entries[2]["columns"].items()}
    assert levels.pop("unit_price") == "shifted"
    assert set(levels.values()) == {"stable"}


def test_drift_does_not_depend_on_the_order_of_arrival() -> None:
    reports = months(1, 2, 5, 1)
    expected = drift(reports)
    assert [entry["object_id"] for entry in expected] == ["m0", "m1", "m2", "m3"]
    assert all(drift(arrival) == expected for arrival in permutations(reports))


def test_objects_without_orders_are_left_out_of_the_history() -> None:
    rejected = {"object_id": "r", "status": "rejected"}
    empty = report("e", orders(0))
    assert [entry["object_id"] for entry in drift([rejected, empty, *months(1)])] == ["m0"]


def test_few_rows_are_no_drift() -> None:
    few = report("few", orders(2, start=START + timedelta(days=60)))
    columns = drift([*months(1), few])[1]["columns"].values()
    assert max(column["psi"] for column in columns) > 0.25
    assert {column["level"] for column in columns} == {"stable"}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def report_with(quality: dict[str, Any]) -> CuratedReport:
    file = OutputFile(
        table=HOSTILE,
        contract_version="1.0",
        bucket="curated",
        key=HOSTILE,
        rows=300,
        bytes=1,
        sha256="",
        null_counts={HOSTILE: 7},
        time_range={},
    )
    return CuratedReport(
        source=HOSTILE,
        object_key=HOSTILE,
        object_id=HOSTILE,
        etag=HOSTILE,
        version_id=None,
        sequencer=None,
        bytes_in=1234,
        recipe="",
        encoding=HOSTILE,
        rows_in=310,
        rows_curated={"orders": 300, "returns": 0},
        rows_quarantined=4,
        quarantine_reasons={HOSTILE: 4},
        exact_duplicates=6,
        blank_lines=0,
        columns={HOSTILE: HOSTILE},
        retyped_columns=(),
        outputs=(file,),
        quality=Quality.model_validate(quality),
    )


def full_report() -> CuratedReport:
    frame = orders(300, country=HOSTILE).with_columns(
        is_outlier=pl.int_range(pl.len()) < 3,
        product_id=pl.lit(HOSTILE),
        line_type=pl.lit("product"),
    )
    return report_with(summarize(frame, no_returns()))


def test_the_page_is_well_formed_needs_nothing_and_escapes_everything() -> None:
    html = render(full_report()).decode()
    page = _Page()
    page.feed(html)
    page.close()
    assert page.open == []
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "img", "link", "iframe", "object", "base", "form", "a"}
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert not re.search(r"(?:src|href)=|url\(|@import|https?:", html.replace("src=x", ""))
    policies = [a["content"] for t, a in page.tags if t == "meta" and "http-equiv" in a]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_the_page_shows_the_sum_of_the_rows() -> None:
    html = render(full_report()).decode()
    assert "310 rows in = 300 + 0 + 4 + 6" in html
    assert render(full_report()).decode() == html


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0.05, "0.05"),
        (7, "7"),
        (999, "999"),
        (1_000, "1k"),
        (9_949, "9.9k"),
        (9_999, "10k"),
        (999_499, "999k"),
        (999_999, "1M"),
        (5 * 10**9, "5G"),
    ],
)
def test_numbers_of_plots_are_short(number: float, expected: str) -> None:
    assert short(number) == expected
