"""The rows of a Parquet file, as the worker reads and sends them."""

from __future__ import annotations

import io
import mmap
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from raw_to_curated.reasons import ObjectReason, RejectedError, bomb
from raw_to_curated.typed_files.frames import FrameWriter, Kind
from raw_to_curated.typed_files.parquet_footer import RowGroup, corrupt, read_footer
from raw_to_curated.typed_files.parquet_pages import check_pages

BATCH_ROWS = 65_536
_BATCH_BYTES = 16 * 1024**2

_SCALARS = (
    *(pl.String, pl.Categorical, pl.Enum, pl.Boolean, pl.Null, pl.Date, pl.Datetime, pl.Decimal),
    *(pl.Float16, pl.Float32, pl.Float64, pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.Int128),
    *(pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64, pl.UInt128),
)


def send(frames: FrameWriter, path: str, groups: list[int], most_bytes: int) -> None:
    """Send the columns as a table without rows, and the rows of the row groups of these numbers as
    tables in Arrow's IPC format, with no more text than `most_bytes`. Raises RejectedError."""
    try:
        _send(frames, Path(path), groups, most_bytes)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise corrupt(str(error).replace(path, "it")[:200]) from error


def _send(frames: FrameWriter, path: Path, groups: list[int], most_bytes: int) -> None:
    scan = pl.scan_parquet(path)
    schema = scan.collect_schema()
    nested = [f"{name}: {dtype}" for name, dtype in schema.items() if not _is_scalar(dtype)]
    if nested:
        raise RejectedError(
            ObjectReason.COLUMNS_MISMATCH,
            f"Columns are of types that no table has ({', '.join(nested[:30])}). Write plain "
            "values.",
            retyped=nested[:30],
        )
    frames.send(Kind.COLUMNS, as_ipc(schema.to_frame()))
    # Closed by the end of the process: an error that is on its way still refers to parts of it.
    with path.open("rb") as file:
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    footer = read_footer(lambda start, end: bytes(data[start:end]), len(data))
    sent = 0
    for number in groups:
        group = footer.row_groups[number]
        check_pages(data, group)
        for frame in _batches(scan, group):
            sent += _text_bytes(frame)
            if sent > most_bytes:
                raise bomb(most_bytes)
            frames.send(Kind.ROWS, as_ipc(frame))


def _is_scalar(dtype: pl.DataType) -> bool:
    return isinstance(dtype, _SCALARS)


def _batches(scan: pl.LazyFrame, group: RowGroup) -> Iterator[pl.DataFrame]:
    """The rows of a row group, in batches of bounded size. Raises RejectedError if there are more
    or fewer than the footer says."""
    for begin in range(0, group.rows, BATCH_ROWS):
        count = min(BATCH_ROWS, group.rows - begin)
        frame = scan.slice(group.first_row + begin, count).collect()
        if frame.height != count:
            raise corrupt(
                f"the row group from row {group.first_row + 1} on has other rows than its footer "
                f"says, {begin + frame.height} and not {group.rows}"
            )
        yield from _divided(frame)


def _divided(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    if frame.height > 1 and _text_bytes(frame) > _BATCH_BYTES:
        half = frame.height // 2
        yield from _divided(frame[:half])
        yield from _divided(frame[half:])
    else:
        yield frame


def _text_bytes(frame: pl.DataFrame) -> int:
    """Of all texts, each as often as it occurs: however they are packed, so much is written."""
    texts = [
        pl.col(name).cast(pl.String).str.len_bytes().sum().cast(pl.Int64)
        for name, dtype in frame.schema.items()
        if isinstance(dtype, pl.String | pl.Categorical | pl.Enum)
    ]
    return int(frame.select(pl.sum_horizontal(texts)).item()) if texts and frame.height else 0


def as_ipc(frame: pl.DataFrame) -> bytes:
    """A table as a stream of Arrow's IPC format, with texts as they are and not as views into
    buffers that other rows share."""
    stream = io.BytesIO()
    frame.write_ipc_stream(stream, compat_level=pl.CompatLevel.oldest())
    return stream.getvalue()
