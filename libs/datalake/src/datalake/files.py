"""Tables and documents as files: equal content gives equal bytes on every machine."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from datalake.contracts import PartitionedTable

PARQUET = "application/vnd.apache.parquet"
JSON = "application/json"
JSON_LINES = "application/jsonl"

# Fixed, so that the bytes of a file do not depend on the machine that writes it.
_ROW_GROUP_ROWS = 262_144


def write_parquet(frame: pl.DataFrame, target: Path | io.BytesIO) -> None:
    """Write rows as Parquet, the way all files of the data plane are written."""
    frame.write_parquet(target, compression="zstd", row_group_size=_ROW_GROUP_ROWS)


def content_type(table: PartitionedTable) -> str:
    """The media type of a table's files."""
    return JSON_LINES if table.file_format == "jsonl" else PARQUET


def encode(table: PartitionedTable, frame: pl.DataFrame) -> bytes:
    """Rows as the content of a file of their table. Raises ContractViolation."""
    table.check(frame)
    buffer = io.BytesIO()
    if table.file_format == "jsonl":
        frame.write_ndjson(buffer)
    else:
        write_parquet(frame, buffer)
    return buffer.getvalue()


def decode(
    table: PartitionedTable, content: bytes, columns: Sequence[str] | None = None
) -> pl.DataFrame:
    """The rows of a file of a table, in these columns or all of them."""
    names = list(columns or table.schema.names())
    if table.file_format == "jsonl":
        return pl.read_ndjson(content, schema=table.schema).select(names)
    return pl.read_parquet(content, columns=names)


def encode_json(content: Any) -> bytes:
    """UTF-8 JSON for programs and people."""
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()
