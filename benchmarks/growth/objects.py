"""Objects of 200 rows of a data set, each with rows of all its months."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import polars as pl

ROWS = 200
KEY = "online-retail/growth-{number}.csv"


def objects(rows: pl.DataFrame, count: int) -> Iterator[bytes]:
    """Different objects, as CSV. Exits with an error where there are too few rows."""
    step = rows.height // ROWS
    if count > step:
        sys.exit(f"the data makes {step} objects of {ROWS} rows, not {count}")
    return (
        rows.gather_every(step, offset)
        .head(ROWS)
        .write_csv(datetime_format="%Y-%m-%d %H:%M:%S")
        .encode()
        for offset in range(count)
    )
