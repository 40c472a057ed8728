"""Findings in Parquet files, column by column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl

from compliance_guardian.objects.prefilter import is_telling, suspects
from compliance_guardian.objects.results import Located, Progress, UnreadableError
from compliance_guardian.pci.findings import Finding
from compliance_guardian.pci.scan import scan

MAGIC = b"PAR1"
ROWS = 65_536


def find(path: Path, progress: Progress) -> Iterator[Located]:
    """The findings of a Parquet file, which is read some rows at a time. Raises UnreadableError."""
    try:
        frame = pl.scan_parquet(path)
        columns = frame.collect_schema()
        progress.size = path.stat().st_size
        for name in columns:
            yield from (Located(finding, field=name) for finding in scan(name))
        rows = frame.select(pl.len()).collect().item()
        for begin in range(0, rows, ROWS):
            for name, dtype in columns.items():
                values = frame.select(name).slice(begin, ROWS).collect().to_series()
                yield from _in_column(as_text(values, dtype), name, begin)
            progress.rows = min(begin + ROWS, rows)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnreadableError("The Parquet file is damaged. Write and upload it again.") from error


def as_text(values: pl.Series, dtype: pl.DataType) -> pl.Series | None:
    """The values as text; None for types that hold no finding."""
    if isinstance(dtype, pl.String):
        return values
    if isinstance(dtype, pl.Categorical | pl.Enum) or dtype.is_integer():
        return values.cast(pl.String)
    if dtype.is_decimal():
        return values.cast(pl.String).str.replace(r"\.0+$", "")
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
    for index, found in findings_in(values, name):
        for finding in found:
            yield Located(finding, field=name, column=finding.start + 1, row=begin + index + 1)


def findings_in(values: pl.Series, name: str) -> Iterator[tuple[int, list[Finding]]]:
    """The findings of each text of a column that has any, after its index."""
    indexes = values.is_not_null().arg_true().to_list() if is_telling(name) else suspects(values)
    prefix = f"{name}: "
    for index in indexes:
        found = [
            replace(finding, start=finding.start - len(prefix), end=finding.end - len(prefix))
            for finding in scan(prefix + values[index])
            if finding.start >= len(prefix)
        ]
        if found:
            yield index, found
