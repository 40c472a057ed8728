from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import polars as pl

from data_plane.shop_months import HOSTILE, no_returns, orders, summarize
from datalake.quality_report import CuratedReport, OutputFile, Quality
from raw_to_curated.quality.html import render


def test_an_empty_object_has_a_summary_and_a_page() -> None:
    section = summarize(orders(0), no_returns())
    assert section["orders"]["time_range"] == {"min": None, "max": None}
    assert b"</html>" in render(report_with(section))


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
