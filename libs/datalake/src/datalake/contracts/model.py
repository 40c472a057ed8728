"""What a contract is: the columns of a table, their types, units, keys and allowed values.

A contract is checked on every write, so that a reader may rely on it without checking again.
Money is `Decimal(18, 4)`, not binary floating point: prices add up exactly, four decimals hold
every price and amount of the sources at hand, and Athena, Spark, Trino and DuckDB read it as
DECIMAL(18, 4). Measurements (prices of a market, indicators) are Float64: adjusted prices and
rates are results of divisions. Time is UTC in microseconds.

Partition columns (String) are in the key of a file (see datalake.layout) and not in the file:
Athena refuses a table that has a column twice, and pyarrow a data set.

A version is MAJOR.MINOR: a new column or a narrower range raises MINOR, anything that breaks a
reader raises MAJOR.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Literal, TypeAlias

import polars as pl

Bound: TypeAlias = int | float | Decimal | date | datetime

MONEY = pl.Decimal(18, 4)
FRACTION = pl.Decimal(9, 8)
TIMESTAMP = pl.Datetime("us", "UTC")


class ContractViolation(Exception):  # noqa: N818 - the term of the field
    """A frame breaks its table's contract: a defect in the code that made it, never bad input."""

    def __init__(
        self, table: str, column: str, rule: str, *, count: int = 0, example: str | None = None
    ) -> None:
        self.table = table
        self.column = column
        self.rule = rule
        self.count = count
        self.example = example
        rows = f" in {count} rows" if count else ""
        shown = f", for example {example!r}" if example is not None else ""
        super().__init__(f"table {table}, column {column}: {rule} violated{rows}{shown}")


@dataclass(frozen=True)
class Column:
    """One column: its type, its unit and the values it may hold.

    `minimum` and `maximum` are inclusive, `above` is exclusive; other than zero, no value is nearer
    to zero than `least`; `pattern` is matched against the whole value; `allowed` lists every value
    there is. Numbers with a binary point are always finite. `is_code` marks an identifier whose
    name does not end in `_id`. `default` is what a writer puts where its source has nothing to say
    of the column.
    """

    name: str
    dtype: pl.DataType
    description: str
    unit: str | None = None
    nullable: bool = False
    minimum: Bound | None = None
    above: Bound | None = None
    maximum: Bound | None = None
    least: float | None = None
    pattern: str | None = None
    allowed: tuple[str, ...] = ()
    is_code: bool = False
    default: str | bool | float | None = None

    @property
    def is_identifier(self) -> bool:
        """Whether the text names a thing, so that a number or a mark of a missing value is none."""
        return isinstance(self.dtype, pl.String) and (self.is_code or self.name.endswith("_id"))

    @property
    def is_year(self) -> bool:
        """Whether the number is a year of the calendar."""
        return isinstance(self.dtype, pl.Int64) and self.unit == "year"

    def violations(self) -> dict[str, pl.Expr]:
        """Rule → boolean expression, true where a value breaks it; null counts as unbroken."""
        value = pl.col(self.name)
        rules: dict[str, pl.Expr] = {}
        if not self.nullable:
            rules["not null"] = value.is_null()
        if self.minimum is not None:
            rules[f">= {self.minimum}"] = value < pl.lit(self.minimum)
        if self.above is not None:
            rules[f"> {self.above}"] = value <= pl.lit(self.above)
        if self.maximum is not None:
            rules[f"<= {self.maximum}"] = value > pl.lit(self.maximum)
        if self.least is not None:
            rules[f"0 or at least {self.least} from it"] = (value != 0) & (
                value.abs() < pl.lit(self.least)
            )
        if self.pattern is not None:
            rules[f"matches {self.pattern}"] = ~value.str.contains(rf"\A(?:{self.pattern})\z")
        if self.allowed:
            rules[f"one of {', '.join(self.allowed)}"] = ~value.is_in(self.allowed)
        if isinstance(self.dtype, pl.Float64):
            rules["finite"] = ~value.is_finite()
        return rules

    def rule_text(self) -> str:
        """The allowed values in words, for the documentation."""
        return ", ".join(rule for rule in self.violations() if rule != "not null")


@dataclass(frozen=True)
class Table:
    """A table. `key` names the columns that identify a row within one file."""

    name: str
    version: str
    description: str
    columns: tuple[Column, ...] = field(hash=False)
    key: tuple[str, ...]

    def __post_init__(self) -> None:
        unknown = set(self.key) - {column.name for column in self.columns}
        if unknown or not self.key:
            raise ValueError(f"table {self.name}: the key names no column: {sorted(unknown)}")

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name} has no column {name}")

    def __contains__(self, name: object) -> bool:
        return any(column.name == name for column in self.columns)

    @property
    def partitions(self) -> tuple[str, ...]:
        """The columns that are in the keys of its files."""
        return ("source", "object")

    @property
    def schema(self) -> pl.Schema:
        """Column names and types in the order in which they are written."""
        return pl.Schema({column.name: column.dtype for column in self.columns})

    @cached_property
    def _rules(self) -> list[tuple[Column, str, pl.Expr]]:
        # To make expressions takes longer than to apply them to a small table.
        return [
            (column, rule, broken)
            for column in self.columns
            for rule, broken in column.violations().items()
        ]

    def check(self, frame: pl.DataFrame) -> None:
        """Raise ContractViolation unless the frame is exactly what the contract says.

        Checked in this order: names and order of columns, types, then for every column nulls,
        range and pattern, then uniqueness of the key.
        """
        expected = self.schema
        if frame.columns != expected.names():
            missing = [name for name in expected.names() if name not in frame.columns]
            extra = [name for name in frame.columns if name not in expected]
            rule = f"columns are {', '.join(expected.names())}"
            raise ContractViolation(
                self.name, "*", rule, example=f"missing {missing}, extra {extra}"
            )
        for name, dtype in expected.items():
            if frame.schema[name] != dtype:
                rule = f"type is {dtype}"
                raise ContractViolation(self.name, name, rule, example=str(frame.schema[name]))
        rules = self._rules
        counts = frame.select(
            broken.sum().alias(str(index)) for index, (_, _, broken) in enumerate(rules)
        ).row(0)
        for (column, rule, broken), count in zip(rules, counts, strict=True):
            if count:
                # As text, because time zones of Python objects need a tz database, which slim
                # images lack.
                example = frame.filter(broken).select(_as_text(column)).item(0, 0)
                raise ContractViolation(self.name, column.name, rule, count=count, example=example)
        repeated = frame.height - frame.select(self.key).n_unique()
        if repeated:
            column_names = ", ".join(self.key)
            raise ContractViolation(self.name, column_names, "key is unique", count=repeated)

    def to_markdown(self) -> str:
        """The contract as a Markdown section for the documentation."""
        lines = [
            f"### {self.name} {self.version}",
            "",
            f"{self._summary()} Partitions: {', '.join(self.partitions)}. "
            f"Key within a file: {', '.join(self.key)}.",
            "",
            "| Column | Type | Null | Unit | Rule | Meaning |",
            "|---|---|---|---|---|---|",
        ]
        for column in self.columns:
            rule = column.rule_text().replace("|", "\\|")
            lines.append(
                f"| {column.name} | {_type_name(column.dtype)} "
                f"| {'yes' if column.nullable else 'no'} "
                f"| {column.unit or ''} | {rule} | {column.description} |"
            )
        return "\n".join(lines) + "\n"

    def _summary(self) -> str:
        return self.description


@dataclass(frozen=True)
class PartitionedTable(Table):
    """A table that is written one partition at a time, each in one file.

    `partition` is what divides it within a source: `month` (2011-01), `year` (2011), `as_of`
    (2011-02-01), or "" for one file. An internal one lies where engines pass over it.
    """

    partition: str = "month"
    file_format: Literal["parquet", "jsonl"] = "parquet"
    is_internal: bool = False

    @property
    def partitions(self) -> tuple[str, ...]:
        """The columns that are in the keys of its files."""
        return ("source", self.partition) if self.partition else ("source",)


def _type_name(dtype: pl.DataType) -> str:
    if isinstance(dtype, pl.Decimal):
        return f"Decimal({dtype.precision}, {dtype.scale})"
    if isinstance(dtype, pl.Datetime):
        return f"Timestamp({dtype.time_unit}, {dtype.time_zone})"
    return str(dtype)


def _as_text(column: Column) -> pl.Expr:
    if isinstance(column.dtype, pl.List):
        return pl.col(column.name).cast(pl.List(pl.String)).list.join(", ")
    return pl.col(column.name).cast(pl.String)
