"""What is declared of a source: its files, its columns, its formats and its rule for returns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import polars as pl

from datalake.contracts import Table
from raw_to_curated.date_form import exact_form

if TYPE_CHECKING:
    from raw_to_curated.quality.rules import QualityRules

# Columns that the function fills in by itself, not from a column of the source.
PROVIDED = frozenset(
    {
        *("line_number", "is_cancellation"),
        # Filled in by raw_to_curated.quality.
        *("line_type", "is_outlier", "outlier_score", "near_duplicate_of", "imputed_columns"),
        *("matched_order_id", "matched_line_number"),
    }
)
PARSED_TYPES = (pl.String, pl.Int64, pl.Float64, pl.Decimal, pl.Datetime, pl.Date, pl.Boolean)


class Format(StrEnum):
    """A file format; the value is the suffix of its keys.

    Text may be compressed besides: .gz, or .zip with one member.
    """

    CSV = ".csv"
    TEXT = ".txt"
    """CSV under another name."""
    JSON_LINES = ".jsonl"
    PARQUET = ".parquet"
    EXCEL = ".xlsx"

    @property
    def is_text(self) -> bool:
        """Whether the file is lines of text."""
        return self not in (Format.PARQUET, Format.EXCEL)

    @property
    def is_csv(self) -> bool:
        """Whether the file is delimited text with a header line."""
        return self in (Format.CSV, Format.TEXT)


@dataclass(frozen=True)
class SourceColumn:
    """One column of the source and the column of the table that it becomes.

    The contract of the target gives the type to parse, whether a value is required and the range.
    `pattern` must match the whole value. `strip_decimal_zero` undoes what spreadsheets and pandas
    do to numeric codes with gaps: 17850.0 for 17850. With `minor_digits` an amount is a whole
    number of minor units: 2 for cents.
    """

    name: str
    target: str
    pattern: str | None = None
    strip_decimal_zero: bool = False
    minor_digits: int = 0
    came_as: pl.DataType | None = None
    """Date or Datetime where the file has times and no texts of times; see `Source.read_from`."""

    @property
    def is_time(self) -> bool:
        """Whether the file has times and not texts in this column."""
        return self.came_as is not None


@dataclass(frozen=True)
class ReturnsRule:
    """A negative quantity is a return, and an order number like `cancellation` a credit note."""

    table: Table
    cancellation: str


@dataclass(frozen=True)
class Source:
    """A source's files: keys `<name>/…` with a suffix of `formats`, and exactly these columns.

    Columns may come in any order; `ignored` ones are known and left out. A nullable column of the
    table may be unmapped, and a constant of `constants` may fill a column (target → value).
    `currency` is ISO 4217. A line that is not UTF-8 is read in the second of `encodings`, see
    decoding. `timestamp_format` and `date_format` are strftime's, see date_form; the time is local
    time in `timezone` (IANA). Where `span_days` is declared, the dates of a file lie at most so far
    from its first ones, see date_limits. `decimal_sign` "," allows "." between groups of three
    digits. With `is_aligned` any run of delimiters is one, and those around a line are none.
    """

    name: str
    table: Table
    columns: tuple[SourceColumn, ...]
    currency: str | None = None
    returns: ReturnsRule | None = None
    formats: tuple[Format, ...] = (Format.CSV,)
    ignored: tuple[str, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    timestamp_format: str = "%Y-%m-%d %H:%M:%S"
    date_format: str = "%Y-%m-%d"
    timezone: str = "UTC"
    span_days: int | None = None
    encodings: tuple[str, ...] = ("utf-8",)
    delimiter: str = ","
    is_aligned: bool = False
    decimal_sign: str = "."
    quality: str = "COMMON"

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9-]*", self.name):
            raise ValueError(f"source {self.name}: the name is not lower-case words with hyphens")
        targets = [column.target for column in self.columns] + list(self.filled)
        known = set(self.table.schema.names()) - PROVIDED
        needed = {name for name in known if not self.table[name].nullable}
        missing, unknown = needed - set(targets), set(targets) - known
        if missing or unknown or len(set(targets)) != len(targets):
            raise ValueError(
                f"source {self.name}: the columns of table {self.table.name} are mapped wrongly: "
                f"missing {sorted(missing)}, unknown {sorted(unknown)}, or one is mapped twice"
            )
        if len(set(self.column_names)) != len(self.column_names):
            raise ValueError(f"source {self.name}: a column of the file is named twice")
        if len(self.delimiter) != 1 or self.delimiter in '"\r\n':
            raise ValueError(f"source {self.name}: the delimiter is not one usable character")
        if self.decimal_sign not in (".", ","):
            raise ValueError(f"source {self.name}: the decimal sign is neither . nor ,")
        first, *others = self.encodings
        if first != "utf-8" or len(others) > 1 or not all(map(_is_a_fallback, others)):
            raise ValueError(
                f"source {self.name}: encodings are not utf-8 alone, or with one fallback that has "
                "a byte for each character and the characters of ASCII"
            )
        for form in (self.timestamp_format, self.date_format):
            exact_form(form)
        dtypes = {column.target: self.table[column.target].dtype for column in self.columns}
        for column in self.columns:
            dtype = dtypes[column.target]
            if not isinstance(dtype, PARSED_TYPES):
                raise TypeError(f"source {self.name}: no parser for {dtype} of {column.target}")
            if isinstance(dtype, pl.Decimal) and column.minor_digits > dtype.scale:
                raise ValueError(
                    f"source {self.name}: {column.name} has more decimals than {dtype}"
                )
        if self.span_days is not None and not any(
            isinstance(dtype, pl.Datetime | pl.Date) for dtype in dtypes.values()
        ):
            raise ValueError(f"source {self.name}: span_days needs a column with a date")

    def read_from(self, schema: Mapping[str, pl.DataType]) -> Source:
        """The source with the types in which its columns came, where these are times."""
        times = {name: dtype for name, dtype in schema.items() if dtype.is_temporal()}
        if not times:
            return self
        columns = (replace(c, came_as=times.get(c.name, c.came_as)) for c in self.columns)
        return replace(self, columns=tuple(columns))

    def written_in(self, file_format: Format) -> Source:
        """The source as files of a format are written: the decimal sign is that of its CSV."""
        return self if file_format.is_csv else replace(self, decimal_sign=".")

    def quality_rules(self) -> QualityRules:
        """The rules for the quality columns."""
        # Imported here, because the package takes long to import.
        from raw_to_curated.quality import rules

        found: QualityRules = getattr(rules, self.quality)
        return found

    @property
    def filled(self) -> dict[str, str]:
        """Columns of the table that have the same value in every row."""
        currency = {"currency": self.currency} if self.currency else {}
        return {**currency, **self.constants}

    @property
    def has_dates(self) -> bool:
        """Whether a file has times, days or years."""
        contracts = [self.table[column.target] for column in self.columns]
        return any(isinstance(c.dtype, pl.Datetime | pl.Date) or c.is_year for c in contracts)

    @property
    def mapped_names(self) -> tuple[str, ...]:
        """The columns of a file that become columns of the table."""
        return tuple(column.name for column in self.columns)

    @property
    def column_names(self) -> tuple[str, ...]:
        """The columns that a file of this source has."""
        return (*self.mapped_names, *self.ignored)

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables that a file of this source fills."""
        return (self.table, self.returns.table) if self.returns else (self.table,)


def _is_a_fallback(encoding: str) -> bool:
    """Whether it has one byte a character, and the characters of ASCII where ASCII has them."""
    bytes_ = bytes(range(256))
    return len(bytes_.decode(encoding, errors="replace")) == len(bytes_) and bytes_[:128].decode(
        encoding
    ) == bytes_[:128].decode("ascii")
