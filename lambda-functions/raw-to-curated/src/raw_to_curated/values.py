"""The rules by which a text becomes a value, by the contract of the target column."""

from __future__ import annotations

import polars as pl

from raw_to_curated.sources.model import Source, SourceColumn

_INTEGER = r"\A[+-]?[0-9]+(?:\.0+)?\z"
_DECIMAL = r"\A[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)\z"
_FLOAT = r"\A[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?\z"
_COMMA_NUMBER = r"\A[+-]?(?:[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+)(?:,[0-9]+)?\z"
BOOLEAN = r"(?i)\A(?:0|1|true|false)\z"
_TRUE = r"(?i)\A(?:1|true)\z"
NUMBERS = (pl.Int64, pl.Float64, pl.Decimal)


def with_values(rows: pl.DataFrame, source: Source) -> pl.LazyFrame:
    """Add `text <target>` and `value <target>` of every column."""
    return (
        rows.lazy()
        .with_columns(_text(column).alias(f"text {column.target}") for column in source.columns)
        .with_columns(
            _number_text(source, column).alias(f"text {column.target}")
            for column in source.columns
            if isinstance(source.table[column.target].dtype, NUMBERS)
        )
        .with_columns(
            _value(source, column).alias(f"value {column.target}") for column in source.columns
        )
    )


def _text(column: SourceColumn) -> pl.Expr:
    """The trimmed text, null where it is empty."""
    if column.is_time:
        return pl.col(column.name)
    text = pl.col(column.name).str.strip_chars()
    if column.strip_decimal_zero:
        bare = text.str.strip_chars_end("0").str.strip_chars_end(".")
        text = pl.when(text.str.contains(r"\A[0-9]+\.0+\z")).then(bare).otherwise(text)
    return pl.when(text != "").then(text)


def _number_text(source: Source, column: SourceColumn) -> pl.Expr:
    """The text of a number with a point as its decimal sign and without separators of groups."""
    text = pl.col(f"text {column.target}")
    if source.decimal_sign == ".":
        return text
    bare = text.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    # A point that does not separate groups of three digits makes it no number.
    return (
        pl.when(text.str.contains(_COMMA_NUMBER))
        .then(bare)
        .otherwise(text.str.replace_all(".", ",", literal=True))
    )


def _value(source: Source, column: SourceColumn) -> pl.Expr:
    """The typed value, null where the text cannot be parsed. Time stays local and naive here."""
    text = pl.col(f"text {column.target}")
    if column.is_time:
        return text
    dtype = source.table[column.target].dtype
    is_number = text.str.contains(number_syntax(column, dtype)[0])
    if isinstance(dtype, pl.Int64) or column.minor_digits:
        whole = text.str.replace(r"\.0+\z", "").cast(pl.Int64, strict=False)
        if isinstance(dtype, pl.Decimal):
            parsed = whole.cast(pl.Decimal(38, column.minor_digits), strict=False)
            unit = pl.lit(10**column.minor_digits).cast(pl.Decimal(38, 0))
            whole = (parsed / unit).cast(dtype, strict=False)
        return pl.when(is_number).then(whole)
    if isinstance(dtype, pl.Decimal | pl.Float64):
        return pl.when(is_number).then(text.cast(dtype, strict=False))
    if isinstance(dtype, pl.Boolean):
        return pl.when(text.str.contains(BOOLEAN)).then(text.str.contains(_TRUE))
    if isinstance(dtype, pl.Datetime):
        return parse_timestamp(source, text)
    if isinstance(dtype, pl.Date):
        return text.str.to_date(source.date_format, strict=False)
    return text


def number_syntax(column: SourceColumn, dtype: pl.DataType) -> tuple[str, str]:
    """Regular expression of a number of this type, and its name."""
    if isinstance(dtype, pl.Int64) or column.minor_digits:
        return _INTEGER, "a whole number"
    return (_FLOAT if isinstance(dtype, pl.Float64) else _DECIMAL), "a number"


def parse_timestamp(source: Source, text: pl.Expr) -> pl.Expr:
    return text.str.to_datetime(source.timestamp_format, time_unit="us", strict=False)


def to_utc(source: Source, column: SourceColumn, value: pl.Expr) -> pl.Expr:
    """Local time to UTC; null in the hour that summer time skips.

    In the hour that occurs twice in autumn the first one is meant: the time tells no more.
    """
    if isinstance(column.came_as, pl.Datetime) and column.came_as.time_zone:
        return value
    if source.timezone == "UTC":
        return value.dt.replace_time_zone("UTC")
    return value.dt.replace_time_zone(
        source.timezone, ambiguous="earliest", non_existent="null"
    ).dt.convert_time_zone("UTC")


def whole(pattern: str) -> str:
    return rf"\A(?:{pattern})\z"


def cancels(source: Source, order_id: pl.Expr) -> pl.Expr:
    if source.returns is None:
        return pl.lit(value=False)
    return order_id.str.contains(whole(source.returns.cancellation))
