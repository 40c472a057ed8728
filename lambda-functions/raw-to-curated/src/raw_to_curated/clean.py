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
from raw_to_curated.plain import IS_PLAIN, plain_rows
from raw_to_curated.records import LINE_NUMBER
from raw_to_curated.sources.model import PROVIDED, Source
from raw_to_curated.values import cancels, to_utc, with_values

RULES_VERSION = 2
"""Raised when the same row of the same source may get another value, reason or equal row than
before: objects that are delivered again are then curated again."""


@dataclass(frozen=True)
class Cleaned:
    """tables: one frame per table of the source, in its schema. failed: LINE_NUMBER, `reasons` and
    `explanations` (List[String])."""

    tables: dict[Table, pl.DataFrame]
    failed: pl.DataFrame


def clean(rows: pl.DataFrame, source: Source, dates: DateLimits) -> Cleaned:
    """Type the rows of Records.rows; what breaks a rule goes to `failed`."""
    source = source.read_from(rows.schema)
    plain = plain_rows(rows, source, dates)
    if plain is None:
        return _by_the_rules(rows, source, dates)
    tables = _tables(plain, source, pl.col(IS_PLAIN))
    others = rows.filter(~plain[IS_PLAIN])
    if others.is_empty():
        return Cleaned(tables, _nothing_failed())
    judged = _by_the_rules(others, source, dates)
    for table, more in judged.tables.items():
        if more.height:
            tables[table] = pl.concat([tables[table], more]).sort("line_number")
    return Cleaned(tables, judged.failed)


def flags_of(rows: pl.DataFrame, source: Source) -> list[tuple[Flag, int]]:
    """Every rule of a source, but those on the object's dates, with the number of rows that break
    it."""
    source = source.read_from(rows.schema)
    flags = list(all_flags(source, None))
    return list(zip(flags, _broken(with_values(rows, source), flags).sum().row(0), strict=True))


def _by_the_rules(rows: pl.DataFrame, source: Source, dates: DateLimits) -> Cleaned:
    flags = list(all_flags(source, dates))
    typed = with_values(rows, source)
    broken = _broken(typed, flags)
    is_bad = broken.select(pl.any_horizontal(pl.all())).to_series()
    utc = typed.with_columns(
        *(
            to_utc(source, column, pl.col(name)).alias(name)
            for column in source.columns
            for name in [f"value {column.target}"]
        ),
        cancels(source, pl.col("text order_id")).alias("is_cancellation"),
    )
    failed = _explained(typed.filter(is_bad)[LINE_NUMBER], broken.filter(is_bad), flags)
    return Cleaned(_tables(utc, source, ~is_bad), failed)


def _broken(typed: pl.DataFrame, flags: list[Flag]) -> pl.DataFrame:
    """For each rule, by its place in the list, whether each row breaks it."""
    return typed.select(
        flag.broken.fill_null(value=False).alias(str(place)) for place, flag in enumerate(flags)
    )


def _tables(
    typed: pl.DataFrame, source: Source, is_good: pl.Expr | pl.Series
) -> dict[Table, pl.DataFrame]:
    if source.returns is None:
        return {source.table: _project(typed.filter(is_good), source, source.table)}
    is_return = pl.col("value quantity") < 0
    returns = source.returns.table
    return {
        source.table: _project(typed.filter(is_good, ~is_return), source, source.table),
        returns: _project(typed.filter(is_good, is_return), source, returns),
    }


def _project(good: pl.DataFrame, source: Source, table: Table) -> pl.DataFrame:
    return good.select(_column(source, column).alias(column.name) for column in table.columns)


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
    # Rows fail in few ways, so the lists are made once for each way.
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
