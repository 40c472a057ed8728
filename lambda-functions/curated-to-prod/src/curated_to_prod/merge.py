"""One table of a source out of its objects.

A line that several objects have is one line: equal in every column that the source gave. It is in
the table once, whichever of the objects came first. (Within one object raw-to-curated has removed
exact duplicates already.) A correction is a new version of the same object; a changed line in
another object is another line.
"""

from __future__ import annotations

import polars as pl

from datalake.contracts import PartitionedTable
from datalake.contracts.prod import COUNTRY_YEARS, MERGED_MARKET_SERIES

_REVISED = (MERGED_MARKET_SERIES, COUNTRY_YEARS)


def merge(table: PartitionedTable, contributions: pl.DataFrame) -> pl.DataFrame:
    """Rows of objects in ascending order of their keys → the table's rows, sorted by its key.

    What curation only found out or learnt later (outlier, type of line, fraud) holds if any
    object says so. Observations have revisions: of different rows with one key the last counts.
    """
    names = table.schema.names()
    others = [name for name in names if name not in table.key]
    rows = contributions.select(names)
    if table in _REVISED:
        merged = rows.unique(subset=table.key, keep="last", maintain_order=True)
    else:
        merged = rows.group_by(table.key).agg(pl.col(others).max()).select(names)
    return merged.sort(table.key)
