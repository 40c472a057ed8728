"""Findings in Parquet files, column by column."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from compliance_guardian.objects.prefilter import is_telling, suspects
from compliance_guardian.objects.results import Located, Progress, UnreadableError
from compliance_guardian.pci.scan import scan

MAGIC = b"PAR1"
_ROWS = 65_536


def find(path: Path, progress: Progress) -> Iterator[Located]:
    """The findings of a Parquet file, which is read some rows at a time. Raises UnreadableError."""
    try:
        frame = pl.scan_parquet(path)
        columns = frame.collect_schema()
        progress.size = path.stat().st_size
        rows = frame.select(pl.len()).collect().item()
        for begin in range(0, rows, _ROWS):
            for name, dtype in columns.items():
                values = frame.select(name).slice(begin, _ROWS).collect().to_series()
                yield from _in_column(_as_text(values, dtype), name, begin)
            progress.rows = min(begin + _ROWS, rows)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnreadableError("The Parquet file is damaged. Write and upload it again.") from error


def _as_text(values: pl.Series, dtype: pl.DataType) -> pl.Series | None:
    """The values as text; None for types that hold no finding."""
    if isinstance(dtype, pl.String):
        return values
    if isinstance(dtype, pl.Categorical | pl.Enum) or dtype.is_integer() or dtype.is_decimal():
        return values.cast(pl.String)
    if dtype.is_float():
        whole = values.cast(pl.Int64, strict=False)
        return whole.cast(pl.String).set(whole.cast(dtype) != values, None)
    if isinstance(dtype, pl.Binary):
        texts = [value if value is None else value.decode(errors="replace") for value in values]
        return pl.Series(values.name, texts, dtype=pl.String)
    if dtype.is_nested():
        lines = values.to_frame().write_ndjson().splitlines()
        return pl.Series(values.name, lines, dtype=pl.String)
    return None


def _in_column(values: pl.Series | None, name: str, begin: int) -> Iterator[Located]:
    if values is None:
        return
    indexes = values.is_not_null().arg_true() if is_telling(name) else suspects(values)
    prefix = f"{name}: "
    for index in indexes.to_list():
        for finding in scan(prefix + values[index]):
            if finding.start >= len(prefix):
                column = finding.start - len(prefix) + 1
                yield Located(finding, field=name, column=column, row=begin + index + 1)
