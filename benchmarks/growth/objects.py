"""Objects of 200 rows of Online Retail, each with rows of all its months."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import polars as pl

ROWS = 200
KEY = "online-retail/growth-{number}.csv"

_ROOT = Path(__file__).parents[2]


def objects(count: int) -> Iterator[bytes]:
    """Different objects, as CSV. Exits with an error where the data is missing."""
    source = Path(os.environ.get("FLEET_DATA_DIR", _ROOT / ".fleet/data")) / "online_retail.parquet"
    if not source.is_file():
        sys.exit(f"{source} is missing: run make data, or set FLEET_DATA_DIR to the folder with it")
    rows = pl.read_parquet(source)
    step = rows.height // ROWS
    if count > step:
        sys.exit(f"Online Retail makes {step} objects of {ROWS} rows, not {count}")
    return (
        rows.gather_every(step, offset)
        .head(ROWS)
        .write_csv(datetime_format="%Y-%m-%d %H:%M:%S")
        .encode()
        for offset in range(count)
    )
