"""The batches of a Parquet file, which a worker reads."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import polars as pl

from raw_to_curated.curate import Batch
from raw_to_curated.drift import check_columns
from raw_to_curated.reasons import ObjectReason, RejectedError
from raw_to_curated.sources.model import Source
from raw_to_curated.typed_files.child import most_bytes, worker
from raw_to_curated.typed_files.columns import check_types, parquet_records
from raw_to_curated.typed_files.parquet_footer import Footer, RowGroup, corrupt

# About what a row of a table takes as text.
_BYTES_PER_ROW = 96
_BELIEVED_ROWS = 65_536
_ROWS_PER_BYTE = 200


def batches(
    source: Source, path: Path, footer: Footer, groups: list[RowGroup], folder: Path
) -> Iterator[Batch]:
    """The rows of some row groups of a file with this footer. `folder` takes the worker's messages.
    Raises RejectedError."""
    size = path.stat().st_size
    if footer.rows > max(_ROWS_PER_BYTE * size, _BELIEVED_ROWS):
        raise RejectedError(
            ObjectReason.DECOMPRESSION_BOMB,
            f"The object claims {footer.rows} rows in {size} bytes, as no table does.",
        )
    task = {
        "format": "parquet",
        "path": str(path),
        "groups": [group.number for group in groups],
        "most_bytes": most_bytes(size),
    }
    with worker(task, folder, ObjectReason.CORRUPT_PARQUET) as reader:
        schema = pl.read_ipc_stream(reader.columns()).schema
        check_columns(source, schema.names(), {})
        check_types(source, schema)
        if not any(group.rows for group in groups):
            yield Batch(0, partial(parquet_records, source, schema.to_frame(), 1))
        for first_row, typed, weight in _numbered(reader.rows(), groups):
            parse = partial(parquet_records, source, typed, first_row)
            yield Batch(max(weight, typed.height * _BYTES_PER_ROW), parse)


def _numbered(
    frames: Iterator[bytes], groups: list[RowGroup]
) -> Iterator[tuple[int, pl.DataFrame, int]]:
    """The number of the first row of each table, the table, and its bytes. Raises RejectedError
    unless each row group has as many rows as the footer says."""
    for group in groups:
        done = 0
        while done < group.rows:
            body = next(frames, b"")
            typed = pl.read_ipc_stream(body) if body else pl.DataFrame()
            if not 0 < typed.height <= group.rows - done:
                raise corrupt("it has other rows than its footer says")
            yield group.first_row + done + 1, typed, len(body)
            done += typed.height
    if next(frames, None) is not None:
        raise corrupt("it has more rows than its footer says")
