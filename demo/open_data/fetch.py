"""Fetches Online Retail from its publisher."""

from __future__ import annotations

import io
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import polars as pl

from fleet.errors import FleetError
from open_data import sets

DOWNLOAD_TIMEOUT_S = 120


def fetch_online_retail(url: str = sets.ONLINE_RETAIL_URL, folder: Path = sets.DATA) -> Path:
    """Download Online Retail and keep it as Parquet; return its path.

    Raises FleetError if it cannot be had or is not what it was.
    """
    try:
        with urllib.request.urlopen(url, timeout=DOWNLOAD_TIMEOUT_S) as answer:  # noqa: S310
            archive = zipfile.ZipFile(io.BytesIO(answer.read()))
    except (urllib.error.URLError, OSError, zipfile.BadZipFile) as error:
        raise FleetError(
            f"Online Retail cannot be fetched from {url}: {error}. Fetch it by other means, then "
            f"save it as {sets.ONLINE_RETAIL_FILE} and name its folder in FLEET_DATA_DIR."
        ) from error
    workbook = next(n for n in archive.namelist() if n.endswith(".xlsx"))
    rows = pl.read_excel(
        archive.read(workbook),
        schema_overrides={"InvoiceNo": pl.String, "StockCode": pl.String, "Description": pl.String},
    )
    if rows.columns != sets.ONLINE_RETAIL_COLUMNS or rows.height != sets.ONLINE_RETAIL_ROWS:
        raise FleetError(
            f"{url} has {rows.height:,} rows of {', '.join(rows.columns)}; expected "
            f"{sets.ONLINE_RETAIL_ROWS:,} of {', '.join(sets.ONLINE_RETAIL_COLUMNS)}"
        )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / sets.ONLINE_RETAIL_FILE
    partial = path.with_suffix(".partial")
    rows.write_parquet(partial)
    partial.replace(path)
    return path
