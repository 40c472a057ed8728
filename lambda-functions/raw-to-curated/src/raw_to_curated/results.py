"""The Parquet files of one object: made segment by segment in /tmp, without repeated rows."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import polars as pl

from datalake.contracts import Table
from datalake.contracts.curated import CURATED_TABLES, ORDERS, QUARANTINE, RETURNS
from datalake.files import write_parquet
from datalake.layout import CuratedObject
from datalake.quality_report import OutputFile, Quality, TimeRange
from raw_to_curated.curate import Counts, Segment, without
from raw_to_curated.distinct import FIRST_LINE, repeated_across
from raw_to_curated.records import LINE_NUMBER
from raw_to_curated.sources.model import Source

if TYPE_CHECKING:
    from raw_to_curated.quality import Summary

# Columns that hold line numbers of other rows.
_REFERENCES = ("near_duplicate_of", "matched_line_number")


@dataclass(frozen=True)
class Output:
    """One Parquet file, and what the report says of it."""

    table: Table
    path: Path
    file: OutputFile


def _output(
    bucket: Literal["curated", "quarantine"],
    key: str,
    table: Table,
    frame: pl.DataFrame,
    path: Path,
) -> Output:
    write_parquet(frame, path)
    body = path.read_bytes()
    file = OutputFile(
        table=table.name,
        contract_version=table.version,
        bucket=bucket,
        key=key,
        rows=frame.height,
        bytes=len(body),
        sha256=hashlib.sha256(body).hexdigest(),
        null_counts=frame.null_count().row(0, named=True),
        time_range=_time_range(frame),
    )
    return Output(table, path, file)


class Results:
    """Collects the segments of one object in a folder of /tmp."""

    def __init__(
        self, source: Source, key: str, folder: Path, *, first_part: int = 0, assess: bool = True
    ) -> None:
        self._source = source
        self._object = CuratedObject.of(source.name, key)
        self._folder = folder
        self._assesses = assess and source.table is ORDERS
        self._first_part = first_part
        self._counts: list[Counts] = []
        self._outputs: list[list[Output]] = []

    def add_all(self, segments: Iterator[Segment]) -> None:
        """Write the files of all segments."""
        for segment in segments:
            self._add(segment)
            # Or it would be held while the next one is made.
            del segment

    def _add(self, segment: Segment) -> None:
        number = len(self._counts)
        segment.hashes.write_ipc(self._hashes(number))
        self._counts.append(segment.counts())
        self._outputs.append(list(self._write(number, segment)))

    def finish(self) -> tuple[list[Output], Counts]:
        """All files, after rows that repeat one of an earlier segment were removed."""
        files = self.hash_files()
        # Each segment has been compared with the one before it.
        if len(files) > 2:
            for number, again in repeated_across(files):
                self._rewrite(number, again[LINE_NUMBER])
        total = Counts()
        for counts in self._counts:
            total.add(counts)
        total.check()
        return [output for outputs in self._outputs for output in outputs], total

    def quality(self) -> Quality | None:
        """The `quality` section of the report, after `finish`; None for sources without orders."""
        summary = new_summary(self._source)
        if summary is None:
            return None
        for output in (output for outputs in self._outputs for output in outputs):
            summary.add(output.table, pl.read_parquet(output.path))
        return summary.section()

    def hash_files(self) -> list[Path]:
        """The hashes of the rows of each segment, see distinct.py."""
        return [self._hashes(number) for number in range(len(self._counts))]

    def _hashes(self, number: int) -> Path:
        return self._folder / f"hashes-{number}.arrow"

    def _rewrite(self, number: int, lines: pl.Series) -> None:
        old, counts = self._outputs[number], self._counts[number]
        frames = {output.table: pl.read_parquet(output.path) for output in old}
        for table in self._source.tables:
            frames.setdefault(table, pl.DataFrame(schema=table.schema))
        quarantine = frames.pop(QUARANTINE, pl.DataFrame(schema=QUARANTINE.schema))
        segment = Segment(
            frames,
            quarantine,
            pl.read_ipc(self._hashes(number).read_bytes()),
            counts.rows_in,
            counts.exact_duplicates,
            counts.blank_lines,
        )
        segment = without(segment, lines)
        segment.hashes.write_ipc(self._hashes(number))
        self._counts[number] = segment.counts()
        self._outputs[number] = list(self._write(number, segment))

    def _write(self, number: int, segment: Segment) -> Iterator[Output]:
        part = self._first_part + number
        tables = self._assessed(segment.tables)
        for table, frame in tables.items():
            # The first file is written without rows too: every object has every table.
            if frame.height or part == 0:
                key = self._object.table_key(table.name, part)
                yield _output("curated", key, table, frame, self._path(table, part))
        if segment.quarantine.height or part == 0:
            key = self._object.quarantine_key(part)
            path = self._path(QUARANTINE, part)
            yield _output("quarantine", key, QUARANTINE, segment.quarantine, path)

    def _path(self, table: Table, part: int) -> Path:
        return self._folder / f"{table.name}-{part}.parquet"

    def _assessed(self, tables: dict[Table, pl.DataFrame]) -> dict[Table, pl.DataFrame]:
        if not self._assesses:
            return tables
        # Imported here: it takes half a second, and sources without orders do not need it.
        from raw_to_curated import quality

        rules = self._source.quality_rules()
        orders, returns = quality.assess(tables[ORDERS], tables.get(RETURNS), rules=rules)
        assessed = {ORDERS: orders} if returns is None else {ORDERS: orders, RETURNS: returns}
        for table, frame in assessed.items():
            table.check(frame)
        return assessed


def new_summary(source: Source) -> Summary | None:
    """What collects the `quality` section of a report; None for sources without orders."""
    if source.table is not ORDERS:
        return None
    from raw_to_curated.quality import Summary

    return Summary()


def table_of(file: OutputFile) -> Table:
    """The contract of a file."""
    return next(table for table in CURATED_TABLES if table.name == file.table)


def rewritten(
    file: OutputFile, body: bytes, again: pl.DataFrame, folder: Path
) -> tuple[bytes, OutputFile, int, Counter[str] | None]:
    """A file without rows that repeat one of an earlier part (see distinct.repeated_across); what
    referred to them refers to their first occurrence. Its bytes, what the report says of it, how
    many rows are gone, and, of the quarantine, with which reasons."""
    frame = pl.read_parquet(body)
    is_dropped = frame["line_number"].is_in(again[LINE_NUMBER].implode())
    dropped = frame.filter(is_dropped)
    kept = frame.filter(~is_dropped).with_columns(
        pl.col(name).replace(again[LINE_NUMBER], again[FIRST_LINE])
        for name in _REFERENCES
        if name in frame.columns
    )
    table = table_of(file)
    reasons = None
    if table is QUARANTINE:
        reasons = Counter(dropped["reasons"].explode().drop_nulls().to_list())
    if kept.equals(frame):
        return body, file, 0, reasons
    table.check(kept)
    path = folder / "rewritten.parquet"
    output = _output(file.bucket, file.key, table, kept, path)
    return path.read_bytes(), output.file, dropped.height, reasons


def _time_range(frame: pl.DataFrame) -> dict[str, TimeRange]:
    return {
        name: TimeRange(
            # Formatted by polars: Python's time zones need a tz database, which slim images lack.
            min=frame.select(pl.col(name).min().dt.strftime(form)).item(),
            max=frame.select(pl.col(name).max().dt.strftime(form)).item(),
        )
        for name, dtype in frame.schema.items()
        for form in ["%Y-%m-%d" if dtype == pl.Date else "%Y-%m-%dT%H:%M:%S%.6fZ"]
        if isinstance(dtype, pl.Datetime | pl.Date)
    }
