"""With public data or without, files of the same sources go in."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from open_data import raw_files, sets
from raw_to_curated.sources import SOURCES
from shop import Parameters
from tour.feed import feed, source_of

SHOP = Parameters(lines=500, months=2, seed=7)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where data sets are looked for; the package with public data is there."""
    monkeypatch.setenv("FLEET_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(sets, "DATA", tmp_path / "fetched")
    package = tmp_path / "package/bokeh_sampledata/_data"
    package.mkdir(parents=True)
    for name in ("SampleSuperstore", "stocks", "gapminder"):
        (package / f"{name}.csv.gz").write_bytes(b"public")
    monkeypatch.setattr(raw_files, "sample_data", lambda *_: tmp_path / "package")
    return tmp_path


def add_retail(folder: Path) -> None:
    rows = {"InvoiceNo": ["1"], "InvoiceDate": [datetime(2010, 12, 1)]}
    pl.DataFrame(rows).write_parquet(folder / sets.ONLINE_RETAIL_FILE)


def add_cards(folder: Path) -> None:
    rows = {"TX_DATETIME": [datetime(2018, 6, 1)]}
    pl.DataFrame(rows).write_parquet(folder / sets.CARD_TRANSACTIONS_FILE)


def sources(given: Parameters = SHOP) -> set[str]:
    return {source_of(file.key) for file in feed(given, print).files}


def test_every_source_has_files_whatever_is_here(folder: Path) -> None:
    assert sources() == set(SOURCES)
    add_cards(folder)
    assert sources() == set(SOURCES)
    add_retail(folder)
    assert sources() == set(SOURCES)
    (folder / sets.CARD_TRANSACTIONS_FILE).unlink()
    assert sources() == set(SOURCES)


def test_without_online_retail_all_is_of_the_shop(folder: Path) -> None:
    found = feed(SHOP, print)

    assert found.description.startswith("a made-up shop, about 500 order lines (seed 7); ")
    assert "`make data`" in found.description
    assert not any(file.content == b"public" for file in found.files)


def test_public_data_replaces_the_files_of_its_sources(folder: Path) -> None:
    add_retail(folder)
    add_cards(folder)

    found = feed(SHOP, print)

    assert found.description.startswith(f"Online Retail, 541,909 lines, from {folder}; ")
    keys = [file.key for file in found.files]
    public = {"online-retail", "card-transactions", "superstore", "stocks", "gapminder"}
    assert [key for key in keys if source_of(key) in public] == [
        "online-retail/2010-12.csv",
        "card-transactions/week-1.parquet",
        "superstore/SampleSuperstore.csv.gz",
        "stocks/stocks.csv.gz",
        "gapminder/gapminder.csv.gz",
    ]
