"""What is wrong with a row: the rules of a source's columns, each with its reason and sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from datalake.contracts import Column
from raw_to_curated.reasons import ROW_SENTENCES, RowReason
from raw_to_curated.sources.model import Source, SourceColumn
from raw_to_curated.values import BOOLEAN, NUMBERS, cancels, number_syntax, to_utc, whole

_NON_FINITE = r"(?i)\A[+-]?(?:nan|inf|infinity)\z"
# A year or a day with too many digits, such as 20111-12-01.
_OVERLONG_DATE = r"\A[+-]?[0-9]{5,}[-/.]|[-/.][0-9]{5,}"


@dataclass(frozen=True)
class Flag:
    """One rule of a column: an expression that is true where a row breaks it."""

    column: SourceColumn
    reason: RowReason
    sentence: str
    broken: pl.Expr


def all_flags(source: Source) -> Iterator[Flag]:
    for column in source.columns:
        contract = source.table[column.target]
        text = pl.col(f"text {column.target}")
        if not contract.nullable:
            yield _flag(RowReason.MISSING_REQUIRED, column, text.is_null())
        if column.pattern is not None:
            matches = text.str.contains(whole(column.pattern))
            yield _flag(RowReason.INVALID_IDENTIFIER, column, ~matches)
        if isinstance(contract.dtype, NUMBERS):
            yield from _number_flags(source, column, contract)
        elif isinstance(contract.dtype, pl.Datetime | pl.Date):
            yield from _date_flags(source, column, contract)
        elif isinstance(contract.dtype, pl.Boolean):
            is_unclear = ~text.str.contains(BOOLEAN)
            yield _flag(RowReason.UNPARSEABLE_BOOLEAN, column, is_unclear)


def _flag(reason: RowReason, column: SourceColumn, broken: pl.Expr, *, kind: str = "") -> Flag:
    sentence = ROW_SENTENCES[reason].format(column=column.name, kind=kind)
    return Flag(column, reason, sentence, broken)


def _number_flags(source: Source, column: SourceColumn, contract: Column) -> Iterator[Flag]:
    text = pl.col(f"text {column.target}")
    value = pl.col(f"value {column.target}")
    is_quantity = column.target == "quantity"
    syntax, kind = number_syntax(column, contract.dtype)
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
    if isinstance(contract.dtype, pl.Float64):
        is_out_of_range |= value.is_infinite()
    if isinstance(contract.dtype, pl.Decimal) and not column.minor_digits:
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
            is_cancellation = cancels(source, pl.col("text order_id"))
            is_contradiction = is_cancellation & (value > 0)
            yield _flag(RowReason.CONTRADICTORY_CANCELLATION, column, is_contradiction)


def _date_flags(source: Source, column: SourceColumn, contract: Column) -> Iterator[Flag]:
    text = pl.col(f"text {column.target}")
    value = pl.col(f"value {column.target}")
    is_day = isinstance(contract.dtype, pl.Date)
    utc = value if is_day else to_utc(source, column, value)
    is_overlong = pl.lit(value=False)
    if not column.is_time:
        is_overlong = value.is_null() & text.str.contains(_OVERLONG_DATE)
    is_outside = pl.lit(value=False)
    years = ""
    if isinstance(contract.minimum, date) and isinstance(contract.maximum, date):
        years = f"{contract.minimum.year} to {contract.maximum.year}"
        is_outside = ~utc.is_between(pl.lit(contract.minimum), pl.lit(contract.maximum))
    yield _flag(
        RowReason.UNPARSEABLE_DATE, column, text.is_not_null() & value.is_null() & ~is_overlong
    )
    is_outside = is_overlong | is_outside.fill_null(value=False)
    yield _flag(RowReason.DATE_OUT_OF_RANGE, column, is_outside, kind=years)
    if not is_day:
        is_skipped = value.is_not_null() & utc.is_null()
        yield _flag(RowReason.NONEXISTENT_LOCAL_TIME, column, is_skipped)
