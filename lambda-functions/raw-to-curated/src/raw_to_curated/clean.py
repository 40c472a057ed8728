"""From rows of text to typed tables, and to quarantine with every reason that applies.

The contract of the target column drives the parsing: its type, whether a value is required, and
its range. All of it is vectorised; only rows that fail a rule are looked at one by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from datalake.contracts import Column, Table
from raw_to_curated.reasons import ROW_SENTENCES, RowReason
from raw_to_curated.records import LINE_NUMBER, RAW_TEXT
from raw_to_curated.sources.model import Source, SourceColumn

_INTEGER = r"\A[+-]?[0-9]+(?:\.0+)?\z"
_DECIMAL = r"\A[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)\z"
_NON_FINITE = r"(?i)\A[+-]?(?:nan|inf|infinity)\z"
# A year or a day with too many digits, such as 20111-12-01.
_OVERLONG_DATE = r"\A[+-]?[0-9]{5,}[-/.]|[-/.][0-9]{5,}"


@dataclass(frozen=True)
class Flag:
    """One rule of a column: an expression that is true where a row breaks it."""

    reason: RowReason
    sentence: str
    broken: pl.Expr


@dataclass(frozen=True)
class Cleaned:
    """tables: one frame per table of the source, in its schema. failed: LINE_NUMBER, RAW_TEXT,
    `reasons` and `explanations` (List[String])."""

    tables: dict[Table, pl.DataFrame]
    failed: pl.DataFrame


def clean(rows: pl.DataFrame, source: Source) -> Cleaned:
    """Type the rows of Records.rows; what breaks a rule goes to `failed`."""
    flags = list(_flags(source))
    is_bad = pl.any_horizontal(flag.broken.fill_null(value=False) for flag in flags)
    values = [pl.col(f"value {column.target}") for column in source.columns]
    kept = [pl.col(LINE_NUMBER), *values, _is_cancellation(source).alias("is_cancellation")]
    # Lazily, so that the trimmed text of a column is not held for all columns at once.
    typed = _typed(rows, source).select(*kept, is_bad.alias("is_bad")).collect()
    return Cleaned(
        tables=_tables(typed.filter(~pl.col("is_bad")), source),
        failed=_explain(rows.filter(typed["is_bad"]), source, flags),
    )


def _typed(rows: pl.DataFrame, source: Source) -> pl.LazyFrame:
    """Add `text <target>` and `value <target>` of every column."""
    return (
        rows.lazy()
        .with_columns(_text(column).alias(f"text {column.target}") for column in source.columns)
        .with_columns(
            _value(source, column).alias(f"value {column.target}") for column in source.columns
        )
    )


def _text(column: SourceColumn) -> pl.Expr:
    """The trimmed text, null where it is empty."""
    text = pl.col(column.name).str.strip_chars()
    if column.strip_decimal_zero:
        text = text.str.replace(r"\A([0-9]+)\.0+\z", "$1")
    return pl.when(text != "").then(text)


def _value(source: Source, column: SourceColumn) -> pl.Expr:
    """The typed value, null where the text cannot be parsed. Time stays local and naive here."""
    text = pl.col(f"text {column.target}")
    dtype = source.table[column.target].dtype
    if isinstance(dtype, pl.Int64):
        is_number = text.str.contains(_INTEGER)
        return pl.when(is_number).then(text.str.replace(r"\.0+\z", "").cast(pl.Int64, strict=False))
    if isinstance(dtype, pl.Decimal):
        is_number = text.str.contains(_DECIMAL)
        return pl.when(is_number).then(text.cast(dtype, strict=False))
    if isinstance(dtype, pl.Datetime):
        return text.str.to_datetime(source.timestamp_format, time_unit="us", strict=False)
    return text


def _utc(source: Source, value: pl.Expr) -> pl.Expr:
    """Local time to UTC; null in the hour that summer time skips.

    In the hour that occurs twice in autumn the first one is meant: the time tells no more.
    """
    return value.dt.replace_time_zone(
        source.timezone, ambiguous="earliest", non_existent="null"
    ).dt.convert_time_zone("UTC")


def _flags(source: Source) -> Iterator[Flag]:
    for column in source.columns:
        contract = source.table[column.target]
        text = pl.col(f"text {column.target}")
        if not contract.nullable:
            yield _flag(RowReason.MISSING_REQUIRED, column, text.is_null())
        if column.pattern is not None:
            matches = text.str.contains(rf"\A(?:{column.pattern})\z")
            yield _flag(RowReason.INVALID_IDENTIFIER, column, ~matches)
        if isinstance(contract.dtype, pl.Int64 | pl.Decimal):
            yield from _number_flags(source, column, contract)
        elif isinstance(contract.dtype, pl.Datetime):
            yield from _date_flags(source, column, contract)


def _flag(reason: RowReason, column: SourceColumn, broken: pl.Expr, *, kind: str = "") -> Flag:
    sentence = ROW_SENTENCES[reason].format(column=column.name, kind=kind)
    return Flag(reason, sentence, broken)


def _number_flags(source: Source, column: SourceColumn, contract: Column) -> Iterator[Flag]:
    text = pl.col(f"text {column.target}")
    value = pl.col(f"value {column.target}")
    is_quantity = column.target == "quantity"
    syntax, kind = _DECIMAL, "a number"
    if isinstance(contract.dtype, pl.Int64):
        syntax, kind = _INTEGER, "a whole number"
    is_number = text.str.contains(syntax)
    is_non_finite = text.str.contains(_NON_FINITE)
    yield _flag(RowReason.UNPARSEABLE_NUMBER, column, ~is_number & ~is_non_finite, kind=kind)
    yield _flag(RowReason.NON_FINITE_NUMBER, column, is_non_finite)

    is_out_of_range = is_number & value.is_null()
    checked = value.abs() if is_quantity else value
    if contract.maximum is not None:
        is_out_of_range |= checked > pl.lit(contract.maximum)
    if contract.minimum is not None and not is_quantity:
        is_out_of_range |= checked < pl.lit(contract.minimum)
    if isinstance(contract.dtype, pl.Decimal):
        is_too_fine = is_number & text.str.contains(
            rf"\.[0-9]{{{contract.dtype.scale}}}[0-9]*[1-9]"
        )
        yield _flag(RowReason.TOO_MANY_DECIMALS, column, is_too_fine)
    yield _flag(RowReason.NUMBER_OUT_OF_RANGE, column, is_out_of_range)
    if contract.above is not None:
        yield _flag(RowReason.NON_POSITIVE_PRICE, column, value <= pl.lit(contract.above))
    if is_quantity:
        yield _flag(RowReason.ZERO_QUANTITY, column, value == 0)
        if source.returns is None:
            yield _flag(RowReason.NEGATIVE_QUANTITY, column, value < 0)
        else:
            is_contradiction = _is_cancellation(source) & (value > 0)
            yield _flag(RowReason.CONTRADICTORY_CANCELLATION, column, is_contradiction)


def _is_cancellation(source: Source) -> pl.Expr:
    if source.returns is None:
        return pl.lit(value=False)
    return pl.col("text order_id").str.contains(rf"\A(?:{source.returns.cancellation})\z")


def _date_flags(source: Source, column: SourceColumn, contract: Column) -> Iterator[Flag]:
    text = pl.col(f"text {column.target}")
    value = pl.col(f"value {column.target}")
    utc = _utc(source, value)
    is_overlong = value.is_null() & text.str.contains(_OVERLONG_DATE)
    is_outside = pl.lit(value=False)
    if contract.minimum is not None and contract.maximum is not None:
        is_outside = ~utc.is_between(pl.lit(contract.minimum), pl.lit(contract.maximum))
    yield _flag(
        RowReason.UNPARSEABLE_DATE, column, text.is_not_null() & value.is_null() & ~is_overlong
    )
    yield _flag(
        RowReason.DATE_OUT_OF_RANGE, column, is_overlong | is_outside.fill_null(value=False)
    )
    yield _flag(RowReason.NONEXISTENT_LOCAL_TIME, column, value.is_not_null() & utc.is_null())


def _tables(good: pl.DataFrame, source: Source) -> dict[Table, pl.DataFrame]:
    if source.returns is None:
        return {source.table: _project(good, source, source.table)}
    is_return = pl.col("value quantity") < 0
    returns = source.returns.table
    return {
        source.table: _project(good.filter(~is_return), source, source.table),
        returns: _project(good.filter(is_return), source, returns),
    }


def _project(good: pl.DataFrame, source: Source, table: Table) -> pl.DataFrame:
    return good.select(_column(source, column).alias(column.name) for column in table.columns)


def _column(source: Source, column: Column) -> pl.Expr:
    if column.name == "currency":
        return pl.lit(source.currency)
    if column.name == "line_number":
        return pl.col(LINE_NUMBER)
    if column.name == "is_cancellation":
        return pl.col("is_cancellation")
    value = pl.col(f"value {column.name}")
    if isinstance(column.dtype, pl.Datetime):
        return _utc(source, value)
    return value.abs() if column.name == "quantity" else value


def _explain(rows: pl.DataFrame, source: Source, flags: list[Flag]) -> pl.DataFrame:
    """All reasons of each failed row, in the order of the columns and their rules."""

    def listed(texts: list[str]) -> pl.Expr:
        each = [
            pl.when(flag.broken).then(pl.lit(text)) for flag, text in zip(flags, texts, strict=True)
        ]
        return pl.concat_list(each).list.drop_nulls()

    return (
        _typed(rows, source)
        .select(
            LINE_NUMBER,
            RAW_TEXT,
            listed([flag.reason.value for flag in flags]).alias("reasons"),
            listed([flag.sentence for flag in flags]).alias("explanations"),
        )
        .collect()
    )
