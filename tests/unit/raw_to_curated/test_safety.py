"""Hostile and broken input costs no more than a chunk of memory, and never the function."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import zipfile
import zlib

import polars as pl
import pytest

from data_plane.curation import curate
from datalake.contracts.curated import ORDERS
from fleet.paths import ROOT
from raw_to_curated import lines
from raw_to_curated.content import MAX_RATIO
from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.sources import SOURCES

RETAIL = SOURCES["online-retail"]
HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
GOOD = "536365,85123A,WHITE HOLDER,6,2010-12-01 08:26:00,2.55,17850,United Kingdom\n"
KEY = "online-retail/a.csv"

# In a process of its own, so that its peak of memory can be told.
HOSTILE = """
import io, sys, tempfile
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
sys.path[:0] = sys.argv[1:]
from raw_to_curated.curate import segments
from raw_to_curated.date_limits import date_limits
from raw_to_curated.reader import Reader
from raw_to_curated.reasons import RejectedError
from raw_to_curated.sources import SOURCES

class Repeated:
    def __init__(self, *pieces):
        self.pieces = (piece for piece, times in pieces for _ in range(times))
        self.rest = b""
    def read(self, size):
        self.rest = self.rest or next(self.pieces, b"")
        out, self.rest = self.rest[:size], self.rest[size:]
        return out

key, pieces = eval(sys.stdin.read())
source = SOURCES["online-retail"]
try:
    with tempfile.TemporaryDirectory() as folder:
        reader = Reader(source, key, Path(folder))
        batches = reader.batches(lambda: nullcontext(Repeated(*pieces)))
        dates, batches = date_limits(reader.source, datetime(2026, 1, 1, tzinfo=UTC), batches)
        found = segments(reader.source, key, batches, dates)
        print([(s.rows_in, s.quarantine["reasons"].to_list()[:3]) for s in found])
except RejectedError as error:
    print(error.reason.value)
# Not ru_maxrss: a process inherits that from the one that started it.
print(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
"""
PATHS = [str(ROOT / "libs/datalake/src"), str(ROOT / "lambda-functions/raw-to-curated/src")]


def hostile(key: str, *pieces: tuple[bytes, int]) -> tuple[str, int]:
    """What becomes of an object that repeats each piece so often, and the peak memory in MiB."""
    done = subprocess.run(
        [sys.executable, "-c", HOSTILE, *PATHS],
        input=repr((key, pieces)),
        capture_output=True,
        text=True,
        check=True,
    )
    outcome, peak = done.stdout.splitlines()
    return outcome, int(peak) // 1024


def test_a_field_of_a_gigabyte_is_one_bad_row() -> None:
    mebibyte = b"x" * 1024**2
    outcome, peak = hostile(
        KEY,
        ((HEADER + GOOD + '536365,"').encode(), 1),
        (mebibyte, 1024),
        (("\n" + GOOD.replace("6,", "7,")).encode(), 1),
    )
    assert outcome == "[(3, [['record_too_long']])]"
    assert peak < 400


def test_ten_thousand_columns() -> None:
    names = ",".join(f"c{number}" for number in range(10_000))
    with pytest.raises(RejectedError) as caught:
        curate(RETAIL, KEY, (names + "\n" + "1," * 9_999 + "1\n").encode())
    assert caught.value.reason is ObjectReason.COLUMNS_MISMATCH
    assert len(caught.value.message) < 3_000
    wide = HEADER + GOOD + ",".join("x" * 10_000) + "\n"
    assert curate(RETAIL, KEY, wide.encode()).quarantine["reasons"].to_list() == [
        ["wrong_field_count"]
    ]


def bomb(size: int) -> bytes:
    packer = zlib.compressobj(6, wbits=31)
    piece = b"1,2,3\n" * 100_000
    pieces = [packer.compress(piece) for _ in range(size // len(piece))]
    return b"".join([*pieces, packer.flush()])


def test_a_gzip_bomb() -> None:
    packed = bomb(150 * 1024**2)
    head = gzip.compress((HEADER + GOOD).encode())
    outcome, peak = hostile(KEY + ".gz", (head + packed, 1))
    assert outcome == "decompression_bomb"
    assert peak < MEMORY_MIB / 2


def test_a_zip_bomb() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", HEADER + "1,2,3\n" * 20_000_000)
    outcome, peak = hostile(KEY + ".zip", (file.getvalue(), 1))
    assert outcome == "decompression_bomb"
    assert peak < MEMORY_MIB / 2


def test_a_workbook_bomb() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (MAX_RATIO * 1024**2))
    with pytest.raises(RejectedError) as caught:
        curate(SOURCES["price-list"], "price-list/a.xlsx", file.getvalue())
    assert caught.value.reason is ObjectReason.DECOMPRESSION_BOMB


def test_a_parquet_bomb() -> None:
    file = io.BytesIO()
    names = SOURCES["card-transactions"].column_names
    constant = pl.select(pl.lit(1, dtype=pl.Int8).repeat_by(20_000_000).explode().alias("c"))
    frame = constant.select(pl.col("c").alias(name) for name in names)
    frame.write_parquet(file, compression="zstd", row_group_size=20_000_000)
    with pytest.raises(RejectedError) as caught:
        curate(SOURCES["card-transactions"], "c/a.parquet", file.getvalue())
    assert caught.value.reason is ObjectReason.DECOMPRESSION_BOMB


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-2", "@SUM(A1)", '=cmd|"/c calc"!A1'])
def test_formula_cells_stay_texts(cell: str) -> None:
    quoted = cell.replace('"', '""')
    row = GOOD.replace("WHITE HOLDER", f'"{quoted}"')
    assert curate(RETAIL, KEY, (HEADER + row).encode()).tables[ORDERS]["description"].to_list() == [
        cell
    ]


@pytest.mark.parametrize("size", [7, 50, 90, 1_000])
def test_results_do_not_depend_on_where_chunks_end(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = GOOD.replace("WHITE", '"two\r\nlines, ""quoted""",').replace(" HOLDER,", "", 1)
    stray = GOOD.replace("WHITE", 'WH"ITE')
    body = (HEADER + (GOOD + row + stray + "\r\n" + row) * 40 + row.rstrip("\n")).encode()
    whole = curate(RETAIL, KEY, body)
    monkeypatch.setattr(lines, "CHUNK_BYTES", size)
    pieces = curate(RETAIL, KEY, body)
    assert pieces.tables[ORDERS].equals(whole.tables[ORDERS])
    assert pieces.quarantine.equals(whole.quarantine)
    names = ("rows_in", "exact_duplicates", "blank_lines")
    assert [getattr(pieces, n) for n in names] == [getattr(whole, n) for n in names]
    assert whole.blank_lines == 40


# What the catalogue gives the function.
MEMORY_MIB = 3072


def test_memory_is_flat() -> None:
    """Ten times the rows take about the same memory."""

    def peak(times: int) -> int:
        rows = b"".join(GOOD.replace("536365", str(500000 + n)).encode() for n in range(10_000))
        _, found = hostile(KEY, (HEADER.encode(), 1), (rows, times))
        return found

    assert peak(400) < peak(130) * 1.5
