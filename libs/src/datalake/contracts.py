"""Contracts of the curated tables: columns, types, units, keys and allowed values, each once.

A contract is checked on every write, so that a reader may rely on it without checking again.
Money is `Decimal(18, 4)`, not binary floating point: prices add up exactly, four decimals hold
every price and amount of the sources at hand, and Athena, Spark, Trino and DuckDB read it as
DECIMAL(18, 4). Time is UTC in microseconds.

The partition columns `source` and `object` (String) are in the key of a file, `<table>/source=…/
object=…/part-0.parquet`, and not in the file: Athena refuses a table that has a column twice, and
pyarrow a data set.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeAlias

import polars as pl

Bound: TypeAlias = int | Decimal | datetime

PARTITIONS = ("source", "object")

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

    `minimum` and `maximum` are inclusive, `above` is exclusive; `pattern` is matched against the
    whole value.
    """

    name: str
    dtype: pl.DataType
    description: str
    unit: str | None = None
    nullable: bool = False
    minimum: Bound | None = None
    above: Bound | None = None
    maximum: Bound | None = None
    pattern: str | None = None

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
        if self.pattern is not None:
            rules[f"matches {self.pattern}"] = ~value.str.contains(rf"\A(?:{self.pattern})\z")
        return rules

    def rule_text(self) -> str:
        """The allowed values in words, for the documentation."""
        return ", ".join(rule for rule in self.violations() if rule != "not null")


@dataclass(frozen=True)
class Table:
    """A curated table. `key` names the columns that identify a row within one file."""

    name: str
    version: str
    description: str
    columns: tuple[Column, ...]
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
    def schema(self) -> pl.Schema:
        """Column names and types in the order in which they are written."""
        return pl.Schema({column.name: column.dtype for column in self.columns})

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
        rules = [
            (column, rule, broken)
            for column in self.columns
            for rule, broken in column.violations().items()
        ]
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
            f"{self.description} Partitions: {', '.join(PARTITIONS)}. "
            f"Key within a file: {', '.join(self.key)}.",
            "",
            "| Column | Type | Null | Unit | Rule | Meaning |",
            "|---|---|---|---|---|---|",
        ]
        for column in self.columns:
            rule = column.rule_text().replace("|", "\\|")
            lines.append(
                f"| {column.name} | {column.dtype} | {'yes' if column.nullable else 'no'} "
                f"| {column.unit or ''} | {rule} | {column.description} |"
            )
        return "\n".join(lines) + "\n"


def _as_text(column: Column) -> pl.Expr:
    if isinstance(column.dtype, pl.List):
        return pl.col(column.name).list.join(", ")
    return pl.col(column.name).cast(pl.String)


# The first shop systems with time stamps in such exports date from the 1990s; a later year than
# 2099 is a typing error (20111 for 2011) or a placeholder (9999-12-31).
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LATEST = datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)

_LINE_NUMBER = Column(
    "line_number",
    pl.Int64(),
    "Line of the raw object on which the row begins; the header is line 1",
    unit="1-based line",
    minimum=1,
)
_CURRENCY = Column(
    "currency", pl.String(), "Currency of all amounts of the row", "ISO 4217", pattern="[A-Z]{3}"
)
_INVOICE_LINE = (
    Column("product_id", pl.String(), "Product code of the source"),
    Column("description", pl.String(), "Product name as the source wrote it", nullable=True),
    Column(
        "quantity",
        pl.Int64(),
        "Units ordered or, in returns, units taken back; never negative",
        unit="pieces",
        minimum=1,
        maximum=1_000_000_000,
    ),
    Column(
        "unit_price",
        MONEY,
        "Price of one unit",
        unit="major unit of `currency`",
        above=Decimal(0),
        maximum=Decimal(1_000_000_000),
    ),
    _CURRENCY,
    Column(
        "ordered_at",
        TIMESTAMP,
        "When the invoice or credit note was written",
        unit="UTC, μs",
        minimum=EARLIEST,
        maximum=LATEST,
    ),
    Column("customer_id", pl.String(), "Customer; null for an unknown one", nullable=True),
    Column("country", pl.String(), "Country name as the source wrote it"),
)

ORDERS = Table(
    name="orders",
    version="1.0",
    description="Invoice lines: goods sold, one product of one invoice a row.",
    columns=(
        Column("order_id", pl.String(), "Invoice number"),
        _LINE_NUMBER,
        *_INVOICE_LINE,
    ),
    key=("line_number",),
)

RETURNS = Table(
    name="returns",
    version="1.0",
    description="Credit note lines: goods taken back, with the quantity as a positive number.",
    columns=(
        Column("order_id", pl.String(), "Number of the credit note, not of the order it cancels"),
        _LINE_NUMBER,
        *_INVOICE_LINE,
        Column(
            "is_cancellation",
            pl.Boolean(),
            "True for a credit note; false for an ordinary invoice with a negative quantity",
        ),
    ),
    key=("line_number",),
)

SALES = Table(
    name="sales",
    version="1.0",
    description=(
        "Sales lines of sources that give neither order number, customer, product code nor date."
    ),
    columns=(
        _LINE_NUMBER,
        Column("category", pl.String(), "Product category"),
        Column("subcategory", pl.String(), "Product subcategory"),
        Column("quantity", pl.Int64(), "Units sold", "pieces", minimum=1, maximum=1_000_000_000),
        Column(
            "sales_amount",
            MONEY,
            "Amount of the whole line after discount",
            unit="major unit of `currency`",
            above=Decimal(0),
        ),
        Column(
            "discount",
            FRACTION,
            "Discount that `sales_amount` contains",
            unit="fraction of the list price",
            minimum=Decimal(0),
            maximum=Decimal(1),
        ),
        Column("profit", MONEY, "Profit of the line; negative for a loss", "as sales_amount"),
        _CURRENCY,
        Column("segment", pl.String(), "Customer segment"),
        Column("ship_mode", pl.String(), "Shipping class"),
        Column("country", pl.String(), "Country name as the source wrote it"),
        Column("region", pl.String(), "Sales region"),
        Column("state", pl.String(), "State or province"),
        Column("city", pl.String(), "City"),
        Column("postal_code", pl.String(), "Postal code with leading zeros", nullable=True),
    ),
    key=("line_number",),
)

QUARANTINE = Table(
    name="quarantine",
    version="1.0",
    description="Rows that could not be used, whole as they were received, each with its reasons.",
    columns=(
        Column("object_key", pl.String(), "Key of the raw object"),
        _LINE_NUMBER,
        Column("reasons", pl.List(pl.String()), "Reason codes, machine-readable"),
        Column("explanations", pl.List(pl.String()), "One sentence for each reason"),
        Column("raw_text", pl.String(), "The row as in the raw object, decoded"),
    ),
    key=("line_number",),
)

TABLES = (ORDERS, RETURNS, SALES, QUARANTINE)
