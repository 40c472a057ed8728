"""Which dates an object may hold: none that lies after its upload or far from the rest.

One date mistyped within the contract's range would make a partition of its own in every product,
and a series of thousands of empty days up to it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from raw_to_curated.sources.model import Source
from raw_to_curated.values import is_date, to_utc, with_values

if TYPE_CHECKING:
    from raw_to_curated.curate import Batch
    from raw_to_curated.records import Records

UPLOAD_MARGIN = timedelta(days=2)
"""A day begins up to 14 hours earlier than in UTC; the rest is for clocks that are fast."""
SAMPLE_ROWS = 1_000
"""First rows of an object whose median date is its anchor."""


@dataclass(frozen=True)
class DateLimits:
    """The last moment, UTC, that an object may speak of, and the days between which its dates are
    to lie; these are null where the source declares no span or the object's first rows no date."""

    latest: datetime
    first_day: date | None = None
    last_day: date | None = None

    def is_late(self, value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
        """Whether a year, a day or a time (UTC) lies after the upload."""
        if isinstance(dtype, pl.Int64):
            return value > self.latest.year
        latest = self.latest.date() if isinstance(dtype, pl.Date) else self.latest
        return value > pl.lit(latest)

    def is_far(self, value: pl.Expr, dtype: pl.DataType) -> pl.Expr:
        """Whether a year, a day or a time (UTC) lies too far from the rest."""
        if self.first_day is None or self.last_day is None:
            return pl.lit(value=False)
        if isinstance(dtype, pl.Int64):
            return ~value.is_between(self.first_day.year, self.last_day.year)
        if isinstance(dtype, pl.Date):
            return ~value.is_between(pl.lit(self.first_day), pl.lit(self.last_day))
        first = datetime.combine(self.first_day, time.min, UTC)
        end = datetime.combine(self.last_day + timedelta(days=1), time.min, UTC)
        return ~value.is_between(pl.lit(first), pl.lit(end), closed="left")


def date_limits(
    source: Source, uploaded: datetime, batches: Iterable[Batch]
) -> tuple[DateLimits, Iterator[Batch]]:
    """The limits of an object that was uploaded at a time (UTC), and its batches again.

    The anchor of a declared span is the median of the dates among the first SAMPLE_ROWS rows, the
    same whether the object is read whole or its beginning only.
    """
    latest = uploaded + UPLOAD_MARGIN
    iterator = iter(batches)
    if source.span_days is None:
        return DateLimits(latest), iterator
    read: deque[Batch] = deque()
    days = pl.Series(dtype=pl.Date())
    rows = 0
    while rows < SAMPLE_ROWS and (batch := next(iterator, None)) is not None:
        records = batch.parse()
        read.append(replace(batch, parse=partial(_same, records)))
        sample = records.rows.head(SAMPLE_ROWS - rows)
        rows += sample.height
        days.append(_days(sample, source, latest))
    if days.is_empty():
        return DateLimits(latest), _chained(read, iterator)
    anchor = days.sort()[(days.len() - 1) // 2]
    span = timedelta(days=source.span_days)
    return DateLimits(latest, anchor - span, anchor + span), _chained(read, iterator)


def _chained(read: deque[Batch], iterator: Iterator[Batch]) -> Iterator[Batch]:
    """All batches. Those that were read are not held any longer than others."""
    while read:
        yield read.popleft()
    yield from iterator


def _same(records: Records) -> Records:
    return records


def _days(rows: pl.DataFrame, source: Source, latest: datetime) -> pl.Series:
    """Days (UTC) of the rows whose date can be read, and may be one by contract and upload."""
    source = source.read_from(rows.schema)
    column = next(c for c in source.columns if is_date(source.table[c.target].dtype))
    contract = source.table[column.target]
    value = to_utc(source, column, pl.col(f"value {column.target}"))
    is_allowed = value.is_between(pl.lit(contract.minimum), pl.lit(contract.maximum))
    is_late = DateLimits(latest).is_late(value, contract.dtype)
    return (
        with_values(rows, source).filter(is_allowed, ~is_late).select(value.dt.date()).to_series()
    )
