"""What is declared of a source: its columns, its formats and its rule for returns."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from datalake.contracts import Table

# Columns that the function fills in by itself, not from a column of the source.
PROVIDED = frozenset({"line_number", "currency", "is_cancellation"})


@dataclass(frozen=True)
class SourceColumn:
    """One column of the source and the column of the table that it becomes.

    The contract of the target gives the type to parse, whether a value is required and the range.
    `pattern` must match the whole value. `strip_decimal_zero` undoes what spreadsheets and pandas
    do to numeric codes with gaps: 17850.0 for 17850.
    """

    name: str
    target: str
    pattern: str | None = None
    strip_decimal_zero: bool = False


@dataclass(frozen=True)
class ReturnsRule:
    """A negative quantity is a return, and an order number like `cancellation` a credit note."""

    table: Table
    cancellation: str


@dataclass(frozen=True)
class Source:
    """A source's files: keys `<name>/….csv` or `.csv.gz`, with exactly these columns in any order.

    `encodings` are tried in this order. `timestamp_format` is strftime's; the time is local time
    in `timezone` (IANA). All amounts are in `currency` (ISO 4217).
    """

    name: str
    table: Table
    columns: tuple[SourceColumn, ...]
    currency: str
    returns: ReturnsRule | None = None
    timestamp_format: str = "%Y-%m-%d %H:%M:%S"
    timezone: str = "UTC"
    encodings: tuple[str, ...] = ("utf-8",)
    delimiter: str = ","

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9-]*", self.name):
            raise ValueError(f"source {self.name}: the name is not lower-case words with hyphens")
        targets = {column.target for column in self.columns}
        needed = set(self.table.schema.names()) - PROVIDED
        if targets != needed or len(self.columns) != len(needed):
            raise ValueError(
                f"source {self.name}: the columns of table {self.table.name} are mapped wrongly: "
                f"missing {sorted(needed - targets)}, unknown {sorted(targets - needed)}"
            )
        if len(self.delimiter) != 1 or self.delimiter in '"\r\n':
            raise ValueError(f"source {self.name}: the delimiter is not one usable character")
        for column in self.columns:
            dtype = self.table[column.target].dtype
            if not isinstance(dtype, pl.String | pl.Int64 | pl.Decimal | pl.Datetime):
                raise TypeError(f"source {self.name}: no parser for {dtype} of {column.target}")

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns that a file of this source has."""
        return tuple(column.name for column in self.columns)

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables that a file of this source fills."""
        return (self.table, self.returns.table) if self.returns else (self.table,)
