"""Data for the demo: raw files as the sources would deliver them.

Online Retail and the card transactions are looked up in FLEET_DATA_DIR, then in `.fleet/data`,
where `make data` puts the former. Samples of raw-to-curated replace missing data sets; the others
come from a package.
"""

from __future__ import annotations

import io
import os
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from fleet.errors import FleetError
from fleet.paths import STATE

DATA = STATE / "data"
# UCI Machine Learning Repository, data set 352, D. Chen, CC BY 4.0.
ONLINE_RETAIL_URL = "https://archive.ics.uci.edu/static/public/352/online+retail.zip"
ONLINE_RETAIL_ROWS = 541_909
ONLINE_RETAIL_FILE = "online_retail.parquet"
ONLINE_RETAIL_COLUMNS = [
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
]
# Of the Fraud Detection Handbook's simulator; its publisher has it as pickles, which are not safe
# to load, so there is nothing to fetch.
CARD_TRANSACTIONS_FILE = "card_transactions_simulated.parquet"
CARD_TRANSACTIONS_ROWS = 584_546
CARD_DAYS = 14
"""Days of card transactions; few enough to keep the demo quick."""
DOWNLOAD_TIMEOUT_S = 120


@dataclass(frozen=True)
class RawFile:
    """A file for the raw bucket."""

    key: str
    content: bytes


def online_retail() -> Path | None:
    """The complete data set as Parquet, if it is on this machine."""
    return _found(ONLINE_RETAIL_FILE)


def card_transactions() -> Path | None:
    """The complete data set as Parquet, if it is on this machine."""
    return _found(CARD_TRANSACTIONS_FILE)


def _found(name: str) -> Path | None:
    folders = [Path(os.environ.get("FLEET_DATA_DIR", "")), DATA]
    return next((p for f in folders if (p := f / name).is_file()), None)


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


def stand_in(function: Path, key: str) -> RawFile:
    """The made-up sample of a source that `function`, the folder of raw-to-curated, has.

    `key` is that of a real file, which replaces it once it is here.
    """
    source, suffix = key.partition("/")[0], Path(key).suffix
    return RawFile(key, (function / f"events/files/{source}-sample{suffix}").read_bytes())


def fetch_online_retail(url: str = ONLINE_RETAIL_URL, folder: Path = DATA) -> Path:
    """Download Online Retail and keep it as Parquet; return its path.

    Raises FleetError if it cannot be had or is not what it was.
    """
    try:
        with urllib.request.urlopen(url, timeout=DOWNLOAD_TIMEOUT_S) as answer:  # noqa: S310
            archive = zipfile.ZipFile(io.BytesIO(answer.read()))
    except (urllib.error.URLError, OSError, zipfile.BadZipFile) as error:
        raise FleetError(
            f"Online Retail cannot be fetched from {url}: {error}. Fetch it by other means, then "
            f"save it as {ONLINE_RETAIL_FILE} and name its folder in FLEET_DATA_DIR."
        ) from error
    workbook = next(n for n in archive.namelist() if n.endswith(".xlsx"))
    rows = pl.read_excel(
        archive.read(workbook),
        schema_overrides={"InvoiceNo": pl.String, "StockCode": pl.String, "Description": pl.String},
    )
    if rows.columns != ONLINE_RETAIL_COLUMNS or rows.height != ONLINE_RETAIL_ROWS:
        raise FleetError(
            f"{url} has {rows.height:,} rows of {', '.join(rows.columns)}; expected "
            f"{ONLINE_RETAIL_ROWS:,} of {', '.join(ONLINE_RETAIL_COLUMNS)}"
        )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ONLINE_RETAIL_FILE
    partial = path.with_suffix(".partial")
    rows.write_parquet(partial)
    partial.replace(path)
    return path
