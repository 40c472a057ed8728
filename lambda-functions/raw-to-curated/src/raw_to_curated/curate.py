"""The whole of the domain for one raw object: a stream in, checked segments of tables out."""

from __future__ import annotations

import itertools
import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import polars as pl

from datalake.contracts import Table
from datalake.contracts.curated import QUARANTINE
from raw_to_curated.clean import Cleaner
from raw_to_curated.date_limits import DateLimits
from raw_to_curated.distinct import SCHEMA, hashes, repeated
from raw_to_curated.reasons import ROW_SENTENCES
from raw_to_curated.records import LINE_NUMBER, RAW_TEXT, REASON, Records
from raw_to_curated.sources.model import Source

# Batches typed while a segment is written; they wait in memory.
_AHEAD = 2

SEGMENT_BYTES = 32 * 1024**2
"""Text of which the rows are held in memory together and written as one file per table."""


class AccountingError(Exception):
    """Rows in do not equal rows out. It is a defect of this function; nothing may be written."""


@dataclass(frozen=True)
class Batch:
    """Some records yet to be parsed, and about how many bytes of text they are."""

    size: int
    parse: Callable[[], Records]


@dataclass
class Counts:
    """Of a segment or a whole object. Each row that came in is curated, in quarantine or an exact
    duplicate; `reasons` counts rows for each reason."""

    rows_in: int = 0
    exact_duplicates: int = 0
    blank_lines: int = 0
    curated: Counter[str] = field(default_factory=Counter)
    quarantined: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, other: Counts) -> None:
        """Add another segment's counts."""
        self.rows_in += other.rows_in
        self.exact_duplicates += other.exact_duplicates
        self.blank_lines += other.blank_lines
        self.quarantined += other.quarantined
        self.curated.update(other.curated)
        self.reasons.update(other.reasons)

    def remove(self, table: str, rows: int, reasons: Counter[str] | None = None) -> None:
        """Count rows of a table, or with their reasons of the quarantine, as duplicates."""
        self.exact_duplicates += rows
        if reasons is None:
            self.curated[table] -= rows
        else:
            self.quarantined -= rows
            self.reasons = +(self.reasons - reasons)

    def check(self) -> None:
        """Raise AccountingError unless every row is accounted for."""
        written = self.curated.total()
        accounted = written + self.quarantined + self.exact_duplicates
        if accounted != self.rows_in:
            raise AccountingError(
                f"{self.rows_in} rows in, but {written} curated + {self.quarantined} "
                f"quarantined + {self.exact_duplicates} duplicates = {accounted}"
            )


@dataclass(frozen=True)
class Segment:
    """A stretch of an object, curated. Its rows are distinct from each other and from those of the
    segment before it; `hashes` of its well-formed rows tell those that repeat earlier ones."""

    tables: dict[Table, pl.DataFrame]
    quarantine: pl.DataFrame
    hashes: pl.DataFrame
    rows_in: int
    exact_duplicates: int
    blank_lines: int

    def counts(self) -> Counts:
        """What became of the rows."""
        reasons = self.quarantine["reasons"].explode().value_counts().rows()
        return Counts(
            rows_in=self.rows_in,
            exact_duplicates=self.exact_duplicates,
            blank_lines=self.blank_lines,
            curated=Counter({table.name: frame.height for table, frame in self.tables.items()}),
            quarantined=self.quarantine.height,
            reasons=Counter(dict(reasons)),
        )


def segments(
    source: Source, key: str, batches: Iterable[Batch], dates: DateLimits
) -> Iterator[Segment]:
    """Curate the batches of one object, whose dates have limits; there is one segment at least.
    `source` is `Reader.source`.

    Parsing and typing run in threads, and ahead of the consumer by a few batches. Raises what
    parsing raises, ContractViolation and AccountingError.
    """
    collected: list[_Typed] = []
    size = 0
    before = pl.DataFrame(schema=SCHEMA)
    is_first = True
    for batch_size, typed in _typed_batches(source, batches, Cleaner(source, dates)):
        collected.append(typed)
        size += batch_size
        if size >= SEGMENT_BYTES:
            segment = _segment(source, key, collected, before)
            before, collected, size, is_first = segment.hashes, [], 0, False
            yield segment
            del segment
    if collected or is_first:
        yield _segment(source, key, collected, before)


@dataclass(frozen=True)
class _Typed:
    """One batch, cleaned. quarantine: as the contract has it, without `object_key`."""

    tables: dict[Table, pl.DataFrame]
    quarantine: pl.DataFrame
    hashes: pl.DataFrame
    rows_in: int
    blank_lines: int


def _typed_batches(
    source: Source, batches: Iterable[Batch], cleaner: Cleaner
) -> Iterator[tuple[int, _Typed]]:
    """Clean batches in threads; results come in the order of the batches."""
    workers = os.cpu_count() or 1
    waiting: deque[tuple[int, Future[_Typed]]] = deque()
    iterator = iter(batches)
    with ThreadPoolExecutor(workers) as pool:
        try:
            for batch in itertools.islice(iterator, workers + _AHEAD):
                waiting.append((batch.size, pool.submit(_type, source, batch, cleaner)))
            while waiting:
                size, future = waiting.popleft()
                typed = future.result()
                for batch in itertools.islice(iterator, 1):
                    waiting.append((batch.size, pool.submit(_type, source, batch, cleaner)))
                yield size, typed
        finally:
            for _, future in waiting:
                future.cancel()


def _type(source: Source, batch: Batch, cleaner: Cleaner) -> _Typed:
    records = batch.parse()
    cleaned = cleaner.clean(records.rows)
    failed = cleaned.failed
    failed_rows = records.rows.clear()
    if failed.height:
        raw_text = records.raw_text(failed[LINE_NUMBER])
        failed = failed.join(raw_text, on=LINE_NUMBER, how="left", maintain_order="left")
        failed_rows = records.rows.filter(pl.col(LINE_NUMBER).is_in(failed[LINE_NUMBER].implode()))
    else:
        failed = failed.with_columns(pl.lit("").alias(RAW_TEXT))
    return _Typed(
        tables=cleaned.tables,
        quarantine=_quarantine(failed, records.malformed),
        hashes=hashes(cleaned.tables, failed_rows, source),
        rows_in=records.rows.height + records.malformed.height,
        blank_lines=records.blank_lines,
    )


# Those that name no column.
_PLAIN_SENTENCES = {
    reason.value: sentence for reason, sentence in ROW_SENTENCES.items() if "{" not in sentence
}


def _quarantine(failed: pl.DataFrame, malformed: pl.DataFrame) -> pl.DataFrame:
    explanation = pl.col(REASON).replace_strict(_PLAIN_SENTENCES, return_dtype=pl.String)
    explained = malformed.select(
        LINE_NUMBER,
        pl.concat_list(REASON).alias("reasons"),
        pl.concat_list(explanation).alias("explanations"),
        RAW_TEXT,
    )
    return pl.concat([failed, explained]).sort(LINE_NUMBER)


def _segment(source: Source, key: str, parts: list[_Typed], before: pl.DataFrame) -> Segment:
    found = pl.concat([pl.DataFrame(schema=SCHEMA), *(part.hashes for part in parts)])
    again = repeated(pl.concat([before, found])) if found.height else found
    rows_in = sum(part.rows_in for part in parts)
    blank_lines = sum(part.blank_lines for part in parts)
    tables = {table: [pl.DataFrame(schema=table.schema)] for table in source.tables}
    quarantine = [pl.DataFrame(schema=QUARANTINE.schema)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        futures = [pool.submit(_distinct, part, key, again[LINE_NUMBER]) for part in parts]
        # Each part is dropped as soon as it is done, so that no row is held twice for long.
        parts.clear()
        for future in futures:
            kept, kept_quarantine = future.result()
            for table, frame in kept.items():
                tables[table].append(frame)
            quarantine.append(kept_quarantine)
    segment = Segment(
        tables={table: pl.concat(frames) for table, frames in tables.items()},
        quarantine=pl.concat(quarantine),
        hashes=found.filter(~pl.col(LINE_NUMBER).is_in(again[LINE_NUMBER].implode())),
        rows_in=rows_in,
        exact_duplicates=again.height,
        blank_lines=blank_lines,
    )
    for table, frame in segment.tables.items():
        table.check(frame)
    QUARANTINE.check(segment.quarantine)
    segment.counts().check()
    return segment


def _distinct(
    part: _Typed, key: str, again: pl.Series
) -> tuple[dict[Table, pl.DataFrame], pl.DataFrame]:
    """The part's tables and quarantine, as the contracts have them, without lines `again`."""
    quarantine = part.quarantine.select(
        pl.lit(key).alias("object_key"),
        pl.col(LINE_NUMBER).alias("line_number"),
        "reasons",
        "explanations",
        pl.col(RAW_TEXT).alias("raw_text"),
    )
    tables = {table: _without_lines(frame, again) for table, frame in part.tables.items()}
    return tables, _without_lines(quarantine, again)


def without(segment: Segment, lines: pl.Series) -> Segment:
    """The segment without well-formed rows that turned out to be exact duplicates."""
    if lines.is_empty():
        return segment
    return Segment(
        tables={table: _without_lines(f, lines) for table, f in segment.tables.items()},
        quarantine=_without_lines(segment.quarantine, lines),
        hashes=segment.hashes.filter(~pl.col(LINE_NUMBER).is_in(lines.implode())),
        rows_in=segment.rows_in,
        exact_duplicates=segment.exact_duplicates + lines.len(),
        blank_lines=segment.blank_lines,
    )


def _without_lines(frame: pl.DataFrame, lines: pl.Series) -> pl.DataFrame:
    if frame.is_empty() or lines.is_empty():
        return frame
    return frame.filter(~pl.col("line_number").is_in(lines.implode()))
