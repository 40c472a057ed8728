"""Curates bytes at hand, for tests of the domain without storage."""

from __future__ import annotations

import io
import tempfile
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from datalake.contracts import Table
from raw_to_curated.curate import segments
from raw_to_curated.date_limits import date_limits
from raw_to_curated.decoding import encoding_name
from raw_to_curated.header import parse_header
from raw_to_curated.lines import LineChunk
from raw_to_curated.reader import Reader
from raw_to_curated.records import CsvParser, Records
from raw_to_curated.sources.model import Source

UPLOADED = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Curated:
    """All segments of an object together."""

    reader: Reader
    encoding: str = ""
    tables: dict[Table, pl.DataFrame] = field(default_factory=dict)
    quarantine: pl.DataFrame = field(default_factory=pl.DataFrame)
    rows_in: int = 0
    exact_duplicates: int = 0
    blank_lines: int = 0
    segments: int = 0


def curate(source: Source, key: str, body: bytes, uploaded: datetime = UPLOADED) -> Curated:
    """Curate the bytes of an object; repeated rows are found within two segments in a row."""

    with tempfile.TemporaryDirectory() as folder:
        reader = Reader(source, key, Path(folder))
        whole = Curated(reader)
        batches = reader.batches(lambda: nullcontext(io.BytesIO(body)))
        dates, read = date_limits(reader.source, uploaded, batches)
        for segment in segments(reader.source, key, read, dates):
            for table, frame in segment.tables.items():
                before = whole.tables.get(table)
                whole.tables[table] = frame if before is None else pl.concat([before, frame])
            whole.quarantine = pl.concat(
                [segment.quarantine, *([whole.quarantine] if whole.segments else [])]
            ).sort("line_number")
            whole.rows_in += segment.rows_in
            whole.exact_duplicates += segment.exact_duplicates
            whole.blank_lines += segment.blank_lines
            whole.segments += 1
    whole.encoding = encoding_name(source, reader.encodings)
    return whole


def parse_csv(source: Source, text: str) -> Records:
    """The records of a text that begins with its header and is one chunk."""
    header, _, rest = text.partition("\n")
    parser = CsvParser(source, parse_header(header, source))
    return parser.parse(LineChunk(rest.encode(), 2))
