"""compliance-guardian finds nothing in data that holds no card and no person's data."""

import gzip
import io
import os
import random
from pathlib import Path

import polars as pl
import pytest

from compliance_guardian.objects.reader import Totals, find
from data_plane.data_sets import online_retail_rows


def weekly_series() -> list[str]:
    """The weekly series of the M4 competition, or as many made-up ones of such numbers."""
    file = Path(os.environ.get("FLEET_DATA_DIR", "")) / "m4_Weekly-test.csv.gz"
    if file.is_file():
        return gzip.decompress(file.read_bytes()).decode().replace('"', "").splitlines()
    chance = random.Random(1)
    return [
        ",".join([f"W{i}", *(str(chance.randrange(1_000, 10_000)) for _ in range(13))])
        for i in range(359)
    ]


@pytest.mark.parametrize("separator", [",", " ", "\t"])
@pytest.mark.parametrize("has_names", [True, False])
def test_weekly_series(separator, has_names):
    rows = [line.rstrip(",") for line in weekly_series()]
    rows = rows if has_names else [row.partition(",")[2] for row in rows]
    body = "\n".join(rows).replace(",", separator).encode()

    assert list(find(io.BytesIO(body), Totals())) == []


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_online_retail(form):
    frame: pl.DataFrame = online_retail_rows().rows
    file = io.BytesIO()
    frame.write_csv(file) if form == "csv" else frame.write_parquet(file)
    file.seek(0)

    assert list(find(file, Totals())) == []
