"""The rules by which a text becomes a value, by the contract of the target column.

A value is exactly what the text says, or null: nothing is rounded but to the nearest Float64.
"""

from __future__ import annotations

import polars as pl

from datalake.contracts import Bound, Column
from raw_to_curated.date_form import exact_form
from raw_to_curated.sources.model import Source, SourceColumn

NUMBERS = (pl.Int64, pl.Float64, pl.Decimal)
BOOLEAN = r"(?i)\A(?:0|1|true|false)\z"
_TRUE = r"(?i)\A(?:1|true)\z"
_INTEGER = r"\A[+-]?[0-9]+(?:\.0+)?\z"
_DECIMAL = r"\A[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)\z"
_FLOAT = r"\A[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\z"
_COMMA_NUMBER = r"\A[+-]?(?:[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+)(?:,[0-9]+)?\z"
_NONZERO = r"\A[^eE]*[1-9]"


def with_values(rows: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add `text <target>` and `value <target>` of every column."""
    return rows.with_columns(texts(source)).with_columns(values(source))


def texts(source: Source) -> list[pl.Expr]:
    """`text <target>` of every column: trimmed, numbers with a decimal point; null where empty."""
    return [
        _number_text(source, _text(column)).alias(f"text {column.target}")
        if isinstance(source.table[column.target].dtype, NUMBERS)
        else _text(column).alias(f"text {column.target}")
        for column in source.columns
    ]


def values(source: Source) -> list[pl.Expr]:
    """`value <target>` of every column, from `text <target>`."""
    return [_value(source, column).alias(f"value {column.target}") for column in source.columns]


def _text(column: SourceColumn) -> pl.Expr:
    """The trimmed text, null where it is empty."""
    if column.is_time:
        return pl.col(column.name)
    text = pl.col(column.name).str.strip_chars()
    if column.strip_decimal_zero:
        bare = text.str.strip_chars_end("0").str.strip_chars_end(".")
        text = pl.when(text.str.contains(r"\A[0-9]+\.0+\z")).then(bare).otherwise(text)
    return pl.when(text != "").then(text)


def _number_text(source: Source, text: pl.Expr) -> pl.Expr:
    """The text of a number with a point as its decimal sign and without separators of groups."""
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
    if isinstance(dtype, pl.Decimal):
        # Cut off: a cast would round, and the rules judge by what is left.
        cut = text.str.replace(rf"(\.[0-9]{{{dtype.scale}}})[0-9]+\z", "${1}")
        return pl.when(is_number).then(cut.cast(dtype, strict=False))
    if isinstance(dtype, pl.Float64):
        return pl.when(is_number).then(text.cast(dtype, strict=False))
    if isinstance(dtype, pl.Boolean):
        return pl.when(text.str.contains(BOOLEAN)).then(text.str.contains(_TRUE))
    if is_date(dtype):
        return pl.when(has_date_form(source, dtype, text)).then(parse_date(source, dtype, text))
    return text


def number_syntax(column: SourceColumn, dtype: pl.DataType) -> tuple[str, str]:
    """Regular expression of a number of this type, and its name."""
    if isinstance(dtype, pl.Int64) or column.minor_digits:
        return _INTEGER, "a whole number"
    return (_FLOAT if isinstance(dtype, pl.Float64) else _DECIMAL), "a number"


def believable(column: SourceColumn, contract: Column) -> tuple[Bound | None, Bound | None]:
    """The smallest and the greatest value of a number, of a quantity before returns are told."""
    if column.target == "quantity" and isinstance(contract.maximum, int):
        return -contract.maximum, contract.maximum
    return contract.minimum, contract.maximum


def exceeds_value(column: SourceColumn, contract: Column) -> pl.Expr:
    """Whether the text of a number is further from zero than its value, which lacks digits."""
    text, dtype = pl.col(f"text {column.target}"), contract.dtype
    if isinstance(dtype, pl.Decimal) and not column.minor_digits:
        return text.str.contains(rf"\.[0-9]{{{dtype.scale}}}[0-9]*[1-9]")
    if isinstance(dtype, pl.Float64):
        return (pl.col(f"value {column.target}") == 0) & text.str.contains(_NONZERO)
    return pl.lit(value=False)


def is_date(dtype: pl.DataType) -> bool:
    """Whether a column holds times or days."""
    return isinstance(dtype, pl.Datetime | pl.Date)


def date_format(source: Source, dtype: pl.DataType) -> str:
    """The declared format of a column of times or days."""
    return source.timestamp_format if isinstance(dtype, pl.Datetime) else source.date_format


def has_date_form(source: Source, dtype: pl.DataType, text: pl.Expr) -> pl.Expr:
    """Whether a text has the declared format exactly, which `parse_date` does not check."""
    return text.str.contains(whole(exact_form(date_format(source, dtype))))


def parse_date(source: Source, dtype: pl.DataType, text: pl.Expr) -> pl.Expr:
    """The day or the local, naive time; null where there is none in the calendar."""
    form = date_format(source, dtype)
    if isinstance(dtype, pl.Datetime):
        return text.str.to_datetime(form, time_unit="us", strict=False)
    return text.str.to_date(form, strict=False)


def to_utc(source: Source, column: SourceColumn, value: pl.Expr) -> pl.Expr:
    """Local time to UTC; null in the hour that summer time skips. Other values stay.

    In the hour that occurs twice in autumn the first one is meant: the time tells no more.
    """
    is_instant = isinstance(column.came_as, pl.Datetime) and column.came_as.time_zone
    if is_instant or not isinstance(source.table[column.target].dtype, pl.Datetime):
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
