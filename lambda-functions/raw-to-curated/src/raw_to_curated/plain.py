"""The form in which nearly all rows are, typed by cheap expressions."""

from __future__ import annotations

import polars as pl

from datalake.contracts import Column
from raw_to_curated.date_limits import DateLimits
from raw_to_curated.records import LINE_NUMBER
from raw_to_curated.sources.model import Source, SourceColumn
from raw_to_curated.values import (
    believable,
    cancels,
    has_date_form,
    is_date,
    parse_date,
    to_utc,
    whole,
)

_CODE = r"\A[A-Za-z]*[0-9]+[A-Za-z]*\z"
"""Neither a number with an exponent nor a mark of a missing value, see flags.py."""


IS_PLAIN = "is plain"


def plain_rows(rows: pl.DataFrame, source: Source, dates: DateLimits) -> pl.DataFrame | None:
    """LINE_NUMBER, `value <target>` of every column, `is_cancellation`, and IS_PLAIN, which is true
    only where the rules would give the same values and find nothing. None where the source has a
    column for which there is no cheap expression."""
    found = _plain_values(source, dates)
    if found is None:
        return None
    values, is_plain = found
    names = [value.meta.output_name() for value in values]
    return (
        rows.with_columns(_times(rows, source))
        .lazy()
        .with_columns(values)
        .select(LINE_NUMBER, *names, is_plain.alias(IS_PLAIN))
        .collect()
    )


def _times(rows: pl.DataFrame, source: Source) -> list[pl.Series]:
    """`value <target>` of each column of texts of times, null where the form is not exact.

    Lines of one order follow one another with one time, so each run of equal texts is read once.
    """
    found = []
    for column in source.columns:
        dtype = source.table[column.target].dtype
        if is_date(dtype) and not column.is_time:
            text, raw = pl.col("value"), rows[column.name]
            value = to_utc(source, column, parse_date(source, dtype, text))
            exact = pl.when(has_date_form(source, dtype, text)).then(value)
            of_runs = raw.rle().struct.unnest().select(exact).to_series()
            found.append(of_runs.gather(raw.rle_id()).alias(f"value {column.target}"))
    return found


def _plain_values(source: Source, dates: DateLimits) -> tuple[list[pl.Expr], pl.Expr] | None:
    """Values of all columns, and an expression on raw columns and values that tells IS_PLAIN."""
    values: list[pl.Expr] = []
    vouched: list[pl.Expr] = []
    for column in source.columns:
        contract = source.table[column.target]
        found = _plain_column(source, column, contract, dates)
        if found is None:
            return None
        value, is_sure = found
        values.append(value.alias(f"value {column.target}"))
        missing = pl.col(column.name).is_null() if contract.nullable else pl.lit(value=False)
        vouched.append(is_sure.fill_null(missing))
    if source.returns is None:
        return [*values, pl.lit(value=False).alias("is_cancellation")], pl.all_horizontal(vouched)
    order_id, quantity = (
        next(c for c in source.columns if c.target == name) for name in ("order_id", "quantity")
    )
    text = pl.col(order_id.name).str.strip_chars()
    values.append(cancels(source, text).alias("is_cancellation"))
    is_negative = pl.col(f"value {quantity.target}") < 0
    return values, pl.all_horizontal(*vouched, is_negative | ~pl.col("is_cancellation"))


def _plain_column(
    source: Source, column: SourceColumn, contract: Column, dates: DateLimits
) -> tuple[pl.Expr, pl.Expr] | None:
    """The value; and of that and the raw column, whether it is sure to be what the rules say, null
    where the value is missing."""
    raw, value, dtype = pl.col(column.name), pl.col(f"value {column.target}"), contract.dtype
    if isinstance(dtype, pl.String):
        if column.strip_decimal_zero:
            text = raw.str.strip_chars().str.strip_suffix(".0")
            digits = r"\A[0-9]+\z"
            return text, value.str.contains(digits) if not column.pattern else pl.lit(value=False)
        is_sure = value != ""
        if column.pattern:
            is_sure &= value.str.contains(whole(column.pattern))
        elif contract.is_identifier:
            is_sure = value.str.contains(_CODE)
        return raw.str.strip_chars(), is_sure
    if column.pattern or column.minor_digits or source.decimal_sign != ".":
        return None
    if isinstance(dtype, pl.Int64):
        return raw.cast(pl.Int64, strict=False), _in_range(source, column, contract, value)
    if isinstance(dtype, pl.Decimal) and dtype.precision is not None:
        whole_digits = dtype.precision - dtype.scale
        form = rf"\A-?[0-9]{{1,{whole_digits}}}(?:\.[0-9]{{1,{dtype.scale}}})?\z"
        is_sure = raw.str.contains(form) & _in_range(source, column, contract, value)
        return raw.cast(dtype, strict=False), is_sure
    if is_date(dtype):
        is_sure = _in_range(source, column, contract, value)
        is_sure &= ~dates.is_late(value, dtype) & ~dates.is_far(value, dtype)
        return to_utc(source, column, raw) if column.is_time else value, is_sure
    return None


def _in_range(source: Source, column: SourceColumn, contract: Column, value: pl.Expr) -> pl.Expr:
    """Whether a value keeps the contract; null for a null."""
    minimum, maximum = believable(column, contract)
    is_fine = value.is_not_null() | pl.lit(None, dtype=pl.Boolean)
    if minimum is not None:
        is_fine &= value >= pl.lit(minimum)
    if maximum is not None:
        is_fine &= value <= pl.lit(maximum)
    if contract.above is not None:
        is_fine &= value > pl.lit(contract.above)
    if column.target == "quantity":
        is_fine &= value != 0 if source.returns is not None else value > 0
    return is_fine
