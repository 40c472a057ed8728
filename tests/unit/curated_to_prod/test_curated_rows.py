"""A curated file is what its report and its contract say, or it is refused before it is used."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from curated_to_prod.curated_rows import CuratedRows
from curated_to_prod.reports import CuratedFile, UnusableReportError
from data_plane.curated_objects import frame
from data_plane.small_shop import JANUARY, line, process, put, rows
from datalake.contracts.curated import ORDERS
from datalake.contracts.prod import MERGED_ORDERS
from datalake.manifest import Input
from datalake.memory import MemoryStorage

LINES = frame(
    ORDERS,
    [
        line("1", "A", "1990-01-01"),
        line("2", "B", "2011-03-31T23:59"),
        line("3", "C", "2011-04-01"),
    ],
)
FILE = CuratedFile(
    ORDERS.name, Input("curated", "key", "hash"), 3, date(1990, 1, 1), date(2011, 4, 1)
)


def parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("small", [0, 1_000_000])
def test_rows_are_found_by_period(small: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("curated_to_prod.curated_rows._SMALL", small)
    found = CuratedRows(FILE, parquet(LINES), MERGED_ORDERS)
    assert found.periods == ["1990-01", "2011-03", "2011-04"]
    assert [found.of(period)["order_id"].to_list() for period in found.periods] == [
        ["1"],
        ["2"],
        ["3"],
    ]
    assert found.of("2011-05").is_empty()


@pytest.mark.parametrize(
    "lie",
    [
        {"rows": 2},
        {"rows": 10**18},
        {"first_day": date(1990, 1, 2)},
        {"first_day": date(1, 1, 1)},
        {"last_day": date(2011, 3, 31)},
        {"last_day": date(9999, 12, 31)},
    ],
    ids=str,
)
def test_a_report_that_lies_is_refused(lie: dict[str, int]) -> None:
    with pytest.raises(UnusableReportError, match=r"key cannot be used \(it has 3 rows from 1990"):
        CuratedRows(replace(FILE, **lie), parquet(LINES), MERGED_ORDERS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (pl.lit("gbp").alias("currency"), "currency matches"),
        (pl.lit(0).alias("quantity").cast(pl.Int64), "quantity >= 1"),
        (pl.lit(None, pl.String).alias("country"), "country not null"),
        (pl.lit(1).alias("quantity").cast(pl.Int32), "quantity is Int32, not Int64"),
        (pl.lit("x").alias("ordered_at"), "ordered_at is String"),
    ],
)
def test_a_file_that_breaks_its_contract_is_refused(change: pl.Expr, named: str) -> None:
    with pytest.raises(UnusableReportError, match=named):
        CuratedRows(FILE, parquet(LINES.with_columns(change)), MERGED_ORDERS)


@pytest.mark.parametrize("column", ["order_id", "ordered_at"])
def test_a_file_without_a_column_is_refused(column: str) -> None:
    with pytest.raises(UnusableReportError, match=column):
        CuratedRows(FILE, parquet(LINES.drop(column)), MERGED_ORDERS)


@pytest.mark.parametrize(
    "damage",
    [
        lambda body: b"",
        lambda body: b"PAR1",
        lambda body: body[: len(body) // 2],
        lambda body: body[:-8] + b"\xff\xff\xff\x7f" + body[-4:],
        lambda body: body[:-40] + bytes(32) + body[-8:],
    ],
)
def test_what_is_no_parquet_is_refused(damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(UnusableReportError, match="not readable as Parquet"):
        CuratedRows(FILE, damage(parquet(LINES)), MERGED_ORDERS)


def test_a_file_of_an_earlier_minor_version_gets_the_defaults(storage: MemoryStorage) -> None:
    key = put(storage, "jan", JANUARY)
    file = "orders/source=shop/object=jan/part-0.parquet"
    old = pl.read_parquet(io.BytesIO(storage.get("curated", file).body))
    report = storage.get("curated", key).body.decode()
    before = storage.get("curated", file).info
    buffer = io.BytesIO()
    old.drop("line_type", "is_outlier").write_parquet(buffer)
    storage.write("curated", file, buffer.getvalue())
    output = json.loads(report)["outputs"][0]
    assert output["bytes"] == before.size
    digest = hashlib.sha256(buffer.getvalue()).hexdigest()
    storage.write("curated", key, report.replace(output["sha256"], digest).encode())
    process(storage, key)
    merged = rows(storage, "merged_orders/source=shop/month=2011-01/part-0.parquet")
    assert merged["line_type"].to_list() == ["product"] * 2
