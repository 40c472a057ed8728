"""Exact duplicates across a whole object, in bounded memory.

A row is known by two 64-bit hashes with different seeds of its fields as the source wrote them:
two rows of a billion are confused with a probability of about 10⁻²¹. Of equal rows the first one
is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from raw_to_curated.records import LINE_NUMBER

FIRST, SECOND = "__hash_1", "__hash_2"
FIRST_LINE = "__first_line"
SCHEMA = {LINE_NUMBER: pl.Int64(), FIRST: pl.UInt64(), SECOND: pl.UInt64()}
# Hashes of one version of polars are not those of the next.
SCHEME = f"polars-{pl.__version__}"

_SEEDS = {FIRST: 0x5EED, SECOND: 0xC0FFEE}
_ROWS_AT_ONCE = 2_000_000


def hashes(rows: pl.DataFrame, columns: tuple[str, ...]) -> pl.DataFrame:
    """LINE_NUMBER, FIRST and SECOND of each row; `columns` must be in the same order always."""
    fields = rows.select(columns)
    return pl.DataFrame(
        [rows[LINE_NUMBER], *(fields.hash_rows(seed).alias(n) for n, seed in _SEEDS.items())]
    )


def repeated(found: pl.DataFrame) -> pl.DataFrame:
    """The rows of `found` that repeat an earlier one of it, with the FIRST_LINE of their equals."""
    # One hash first, and sorted: quicker by far than a table of hashes of so many rows.
    ordered = found[FIRST].sort()
    suspects = ordered.filter(ordered == ordered.shift()).unique()
    group = found.filter(pl.col(FIRST).is_in(suspects.implode()))
    first_line = pl.col(LINE_NUMBER).first().over(FIRST, SECOND)
    return group.with_columns(first_line.alias(FIRST_LINE)).filter(
        ~pl.struct(FIRST, SECOND).is_first_distinct()
    )


def repeated_across(files: list[Path]) -> Iterator[tuple[int, pl.DataFrame]]:
    """From files of hashes, in order, the rows to drop: number of the file, and LINE_NUMBER and
    FIRST_LINE of its rows that repeat one of an earlier file.

    Each file must be without repetition in itself. The hashes are looked at in shares by their
    value, so that memory does not grow with their number.
    """
    total = sum(pl.scan_ipc(file).select(pl.len()).collect().item() for file in files)
    shares = total // _ROWS_AT_ONCE + 1
    number = "__file"
    found: list[pl.DataFrame] = []
    for share in range(shares):
        in_share = pl.col(FIRST) % shares == share
        part = pl.concat(
            pl.scan_ipc(file).filter(in_share).with_columns(pl.lit(index).alias(number)).collect()
            for index, file in enumerate(files)
        )
        found.append(repeated(part).select(number, LINE_NUMBER, FIRST_LINE))
    by_file = pl.concat(found).partition_by(number, as_dict=True, include_key=False)
    for index, again in sorted(by_file.items()):
        yield int(index[0]), again.sort(LINE_NUMBER)
