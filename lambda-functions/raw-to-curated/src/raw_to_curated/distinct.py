"""Exact duplicates across a whole object, in bounded memory.

Rows are equal if they became the same values, however they were written: 2.55 and 2.550 are one
price. Rows in quarantine became no values and are equal if their text is. A row is known by two
64-bit hashes with different seeds: two rows of a billion are confused with a probability of about
10⁻²¹. Of equal rows the first one is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from datalake.contracts import Table
from raw_to_curated.records import LINE_NUMBER
from raw_to_curated.sources.model import Source

FIRST, SECOND = "__hash_1", "__hash_2"
FIRST_LINE = "__first_line"
SCHEMA = {LINE_NUMBER: pl.Int64(), FIRST: pl.UInt64(), SECOND: pl.UInt64()}
# Hashes of one version of polars are not those of the next.
SCHEME = f"polars-{pl.__version__}"

_SEEDS = {FIRST: 0x5EED, SECOND: 0xC0FFEE}
_ROWS_AT_ONCE = 2_000_000


def hashes(tables: dict[Table, pl.DataFrame], failed: pl.DataFrame, source: Source) -> pl.DataFrame:
    """LINE_NUMBER, FIRST and SECOND of each row: of the rows of the source's tables, then of the
    rows of text that failed (LINE_NUMBER and the source's columns)."""
    targets = [column.target for column in source.columns]
    # A kind of its own for each table and for text: a return is not the order of its quantity.
    kinds = [(frame.select(targets), frame["line_number"]) for frame in tables.values()]
    kinds.append((failed.select(source.mapped_names), failed[LINE_NUMBER]))
    found = [
        pl.DataFrame(
            [
                numbers.alias(LINE_NUMBER),
                *(rows.hash_rows(seed + kind).alias(name) for name, seed in _SEEDS.items()),
            ]
        )
        for kind, (rows, numbers) in enumerate(kinds)
        if rows.height
    ]
    return pl.concat([pl.DataFrame(schema=SCHEMA), *found])


def repeated(found: pl.DataFrame) -> pl.DataFrame:
    """The rows of `found` that repeat an earlier one of it, with the FIRST_LINE of their equals."""
    # One hash first, and sorted: quicker by far than a table of hashes of so many rows.
    ordered = found[FIRST].sort()
    suspects = ordered.filter(ordered == ordered.shift()).unique()
    group = found.filter(pl.col(FIRST).is_in(suspects.implode())).sort(LINE_NUMBER)
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
