"""From rows of text to typed tables, and to quarantine with every reason that applies.

The contract of the target column drives the parsing: its type, whether a value is required, and
its range. Rows in the form in which nearly all are, are typed by cheap expressions (plain.py);
whatever these do not vouch for goes through the rules one by one (values.py, flags.py), which
decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress

import polars as pl

from datalake.contracts import Column, Table
from raw_to_curated.date_limits import DateLimits
from raw_to_curated.flags import Flag, all_flags
from raw_to_curated.plain import IS_PLAIN, plain_form
from raw_to_curated.records import LINE_NUMBER
from raw_to_curated.sources.model import PROVIDED, Source
from raw_to_curated.values import cancels, texts, to_utc, values, with_values

RULES_VERSION = 3
"""Raised when the same row of the same source may get another value, reason or equal row than
before: objects that are delivered again are then curated again."""


@dataclass(frozen=True)
class Cleaned:
    """tables: one frame per table of the source, in its schema. failed: LINE_NUMBER, `reasons` and
    `explanations` (List[String])."""

    tables: dict[Table, pl.DataFrame]
    failed: pl.DataFrame


class Cleaner:
    """Types the rows of one object, whose dates have limits. Its expressions are made once: to make
    them takes longer than to apply them to a few rows. Threads may share it."""

    def __init__(self, source: Source, dates: DateLimits) -> None:
        self._source = source
        self._dates = dates
        self._rules: dict[tuple[tuple[str, pl.DataType], ...], _Rules] = {}

    def clean(self, rows: pl.DataFrame) -> Cleaned:
        """Type the rows of Records.rows; what breaks a rule goes to `failed`."""
        rules = self._rules_of(rows.schema)
        plain = rules.plain_rows(rows)
        if plain is None:
            return rules.by_the_rules(rows)
        tables = rules.tables(plain, pl.col(IS_PLAIN))
        others = rows.filter(~plain[IS_PLAIN])
        if others.is_empty():
            return Cleaned(tables, _nothing_failed())
        judged = rules.by_the_rules(others)
        for table, more in judged.tables.items():
            if more.height:
                tables[table] = pl.concat([tables[table], more]).sort("line_number")
        return Cleaned(tables, judged.failed)

    def _rules_of(self, schema: pl.Schema) -> _Rules:
        types = tuple(schema.items())
        if types not in self._rules:
            self._rules[types] = _Rules(self._source.read_from(schema), self._dates)
        return self._rules[types]


def flags_of(rows: pl.DataFrame, source: Source) -> list[tuple[Flag, int]]:
    """Every rule of a source, but those on the object's dates, with the number of rows that break
    it."""
    source = source.read_from(rows.schema)
    flags = list(all_flags(source, None))
    broken = with_values(rows, source).select(_broken(flags))
    return list(zip(flags, broken.sum().row(0), strict=True))


class _Rules:
    """How rows that came with some types are typed."""

    def __init__(self, source: Source, dates: DateLimits) -> None:
        self._plain = plain_form(source, dates)
        self._texts, self._values = texts(source), values(source)
        self._flags = list(all_flags(source, dates))
        self._broken = _broken(self._flags)
        self._in_utc = [
            *(
                to_utc(source, column, pl.col(name)).alias(name)
                for column in source.columns
                for name in [f"value {column.target}"]
            ),
            cancels(source, pl.col("text order_id")).alias("is_cancellation"),
        ]
        self._tables = {
            table: (
                _which(source, table),
                [_column(source, column).alias(column.name) for column in table.columns],
            )
            for table in source.tables
        }

    def plain_rows(self, rows: pl.DataFrame) -> pl.DataFrame | None:
        """See PlainForm.rows; None where the source has no plain form."""
        return self._plain.rows(rows) if self._plain is not None else None

    def by_the_rules(self, rows: pl.DataFrame) -> Cleaned:
        """Rows in any form."""
        typed = rows.with_columns(self._texts).with_columns(self._values)
        broken = typed.select(self._broken)
        is_bad = broken.select(pl.any_horizontal(pl.all())).to_series()
        utc = typed.with_columns(self._in_utc)
        failed = _explained(typed.filter(is_bad)[LINE_NUMBER], broken.filter(is_bad), self._flags)
        return Cleaned(self.tables(utc, ~is_bad), failed)

    def tables(
        self, typed: pl.DataFrame, is_good: pl.Expr | pl.Series
    ) -> dict[Table, pl.DataFrame]:
        """The good rows, in the tables of the source."""
        return {
            table: typed.filter(is_good, *which).select(columns)
            for table, (which, columns) in self._tables.items()
        }


def _broken(flags: list[Flag]) -> list[pl.Expr]:
    """For each rule, by its place in the list, whether each row breaks it."""
    return [
        flag.broken.fill_null(value=False).alias(str(place)) for place, flag in enumerate(flags)
    ]


def _which(source: Source, table: Table) -> list[pl.Expr]:
    """Conditions on the rows of one of the source's tables."""
    if source.returns is None:
        return []
    is_return = pl.col("value quantity") < 0
    return [is_return if table is source.returns.table else ~is_return]


def _column(source: Source, column: Column) -> pl.Expr:
    if column.name in source.filled:
        return pl.lit(source.filled[column.name], dtype=column.dtype)
    if column.name == "line_number":
        return pl.col(LINE_NUMBER)
    if column.name == "is_cancellation":
        return pl.col("is_cancellation")
    if column.name in PROVIDED or column.name not in {c.target for c in source.columns}:
        return pl.lit(column.default, dtype=column.dtype)
    value = pl.col(f"value {column.name}")
    return value.abs() if column.name == "quantity" else value


def _nothing_failed() -> pl.DataFrame:
    texts = pl.List(pl.String())
    return pl.DataFrame(schema={LINE_NUMBER: pl.Int64(), "reasons": texts, "explanations": texts})


def _explained(line_numbers: pl.Series, broken: pl.DataFrame, flags: list[Flag]) -> pl.DataFrame:
    """All reasons of each failed row, in the order of the columns and their rules."""
    # Rows fail in few ways, so the lists are made once for each rules.
    ways = broken.unique()
    found = [list(compress(flags, way)) for way in ways.rows()]
    texts = pl.List(pl.String())
    reasons = [[flag.reason.value for flag in each] for each in found]
    explanations = [[flag.sentence for flag in each] for each in found]
    explained = ways.with_columns(
        pl.Series("reasons", reasons, texts), pl.Series("explanations", explanations, texts)
    )
    return (
        broken.with_columns(line_numbers)
        .join(explained, on=broken.columns, how="left", maintain_order="left")
        .select(LINE_NUMBER, "reasons", "explanations")
    )
