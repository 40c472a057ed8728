from __future__ import annotations

import io
from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.typed_files import parquet_rows
from raw_to_curated.typed_files.frames import FrameReader, FrameWriter, Kind


@pytest.fixture
def sent(tmp_path: Path) -> Callable[..., list[pl.DataFrame]]:
    """The tables that are sent of a Parquet file; the first one has no rows."""

    def tables(
        frame: pl.DataFrame, groups: list[int], most: int = 10**9, **how: Any
    ) -> list[pl.DataFrame]:
        frame.write_parquet(tmp_path / "a.parquet", **how)
        return sent_of(tmp_path / "a.parquet", groups, most)

    return tables


def sent_of(path: Path, groups: list[int], most: int = 10**9) -> list[pl.DataFrame]:
    stream = io.BytesIO()
    writer = FrameWriter(stream)
    parquet_rows.send(writer, str(path), groups, most)
    writer.send(Kind.END)
    stream.seek(0)
    reader = FrameReader(stream.read, ObjectReason.CORRUPT_PARQUET)
    return [pl.read_ipc_stream(body) for body in (reader.columns(), *reader.rows())]


def test_row_groups_come_one_after_the_other(sent: Callable[..., list[pl.DataFrame]]) -> None:
    frame = pl.select(a=pl.int_range(10), b=pl.lit("x"))
    columns, *tables = sent(frame, [1, 3], row_group_size=3)
    assert columns.equals(frame.clear())
    assert [table["a"].to_list() for table in tables] == [[3, 4, 5], [9]]


def test_batches_are_bounded(
    sent: Callable[..., list[pl.DataFrame]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_rows, "BATCH_ROWS", 8)
    monkeypatch.setattr(parquet_rows, "_BATCH_BYTES", 1_000)
    frame = pl.select(a=pl.int_range(10), b=pl.lit("x" * 400))
    _, *tables = sent(frame, [0])
    assert [table.height for table in tables] == [2] * 5
    assert_frame_equal(pl.concat(tables), frame)


@pytest.mark.parametrize("dtype", [pl.String(), pl.Categorical(), pl.Enum(["x" * 1_000])])
def test_one_long_text_in_many_rows(
    sent: Callable[..., list[pl.DataFrame]], dtype: pl.DataType
) -> None:
    frame = pl.select(a=pl.lit("x" * 1_000, dtype=pl.String).cast(dtype).repeat_by(5_000).explode())
    with pytest.raises(RejectedError) as caught:
        sent(frame, [0], most=10**6)
    assert caught.value.reason is ObjectReason.DECOMPRESSION_BOMB


@pytest.mark.parametrize(
    "values",
    [
        [[1]],
        [{"a": 1}],
        [b"bytes"],
        [time(1)],
        [timedelta(1)],
    ],
)
def test_types_that_no_table_has(
    sent: Callable[..., list[pl.DataFrame]], values: list[Any]
) -> None:
    with pytest.raises(RejectedError) as caught:
        sent(pl.DataFrame({"a": values}), [0])
    assert caught.value.reason is ObjectReason.COLUMNS_MISMATCH


TYPES = """
select i::utinyint a, i::ubigint b, i::hugeint c, i::float d, (i / 7)::double e,
  i::decimal(38, 10) f, (i % 2 = 0) g, 'x' || i h, date '2010-12-01' + i::int i,
  timestamp '2010-12-01 08:26:00.123456' j,
  timestamp_ns '2010-12-01 08:26:00.123456789' k, timestamp_ms '2010-12-01 08:26:00.123' l,
  timestamptz '2010-12-01 08:26:00+01' m, ('v' || i % 2)::enum('v0', 'v1') n, null::int o
from range(100) t(i)
"""


@pytest.mark.parametrize(
    "how", ["codec snappy", "codec zstd", "codec gzip", "parquet_version v2", "codec uncompressed"]
)
def test_files_of_another_writer(tmp_path: Path, how: str) -> None:
    path = tmp_path / "a.parquet"
    duckdb.sql(f"copy ({TYPES}) to '{path}' (format parquet, row_group_size 2048, {how})")
    _, *tables = sent_of(path, [0])
    assert_frame_equal(pl.concat(tables), pl.read_parquet(path), categorical_as_str=True)


def test_damaged_pages_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.select(a=pl.int_range(10)).write_parquet(path)
    body = bytearray(path.read_bytes())
    # The size of the first page, after the type in its header.
    body[6:8] = b"\x01\x15"
    path.write_bytes(body)
    with pytest.raises(RejectedError, match="column a of the row group from row 1 on"):
        sent_of(path, [0])
