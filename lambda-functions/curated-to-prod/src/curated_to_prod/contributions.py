"""What each object contributes to a merged partition: its rows, with the file that they came from.

One file a partition, beside the tables, in a folder that engines pass over. A new version of an
object replaces its rows there, so that nobody reads the other objects, nor lists them.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import polars as pl

from curated_to_prod.reports import CuratedFile, Report
from datalake.contracts import PartitionedTable
from datalake.files import write_parquet
from datalake.layout import CuratedObject
from datalake.manifest import Input

_OBJECT, _FILE, _SHA256 = "_object", "_file", "_sha256"
"""Key of the raw object; key and hash of the curated file."""


def decode(table: PartitionedTable, content: bytes) -> pl.DataFrame:
    """The contributions to a partition; columns of its table, and where each row came from."""
    return pl.read_parquet(content, columns=none(table).columns)


def none(table: PartitionedTable) -> pl.DataFrame:
    """No contributions."""
    schema = {**table.schema, _OBJECT: pl.String(), _FILE: pl.String(), _SHA256: pl.String()}
    return pl.DataFrame(schema=schema)


def encode(contributions: pl.DataFrame) -> bytes:
    """As the content of a file."""
    buffer = io.BytesIO()
    write_parquet(contributions, buffer)
    return buffer.getvalue()


def of(report: Report, file: CuratedFile, rows: pl.DataFrame) -> pl.DataFrame:
    """A file's rows as a contribution."""
    names = ((_OBJECT, report.object_key), (_FILE, file.input.key), (_SHA256, file.input.sha256))
    return rows.with_columns(pl.lit(value).alias(name) for name, value in names)


def replace(
    present: pl.DataFrame,
    objects: Iterable[CuratedObject],
    table: str,
    rows: Sequence[pl.DataFrame],
) -> pl.DataFrame:
    """The contributions with these `rows` as the only ones of the objects' curated `table`.

    In ascending order of the raw objects' keys, and within one object in the order of `rows`.
    """
    prefixes = tuple(curated.table_prefix(table) for curated in objects)
    replaced = [file for file in present[_FILE].unique() if file.startswith(prefixes)]
    others = present.filter(~pl.col(_FILE).is_in(replaced))
    return pl.concat([others, *rows]).sort(_OBJECT, maintain_order=True)


def inputs(contributions: pl.DataFrame) -> list[Input]:
    """The files that the rows came from, in their order."""
    files = contributions.select(_FILE, _SHA256).unique(maintain_order=True)
    return [Input("curated", key, sha256) for key, sha256 in files.iter_rows()]
