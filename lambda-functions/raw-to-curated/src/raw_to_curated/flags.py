"""What is wrong with a row: the rules of a source's columns, each with its reason and sentence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from datalake.contracts import Column
from raw_to_curated.date_form import overlong_form, shown_form
from raw_to_curated.date_limits import DateLimits
from raw_to_curated.reasons import ROW_SENTENCES, RowReason
from raw_to_curated.sources.model import Source, SourceColumn
from raw_to_curated.values import (
    BOOLEAN,
    NUMBERS,
    believable,
    cancels,
    date_format,
    exceeds_value,
    is_date,
    number_syntax,
    to_utc,
    whole,
)

_NON_FINITE = r"(?i)\A[+-]?(?:nan|inf|infinity)\z"
# What pandas, R, databases and spreadsheets write for a value that is not there.
_MISSING = (
    r"[+-]?nan|n/?a|nat|none|null|nil|undefined|[+-]?inf(?:inity)?|<na>|-?1\.#(?:ind|qnan)"
    r"|#n/?a(?: n/a)?|#[a-z0/]+[!?]|#+"
)
# 852.0, 8.52e2, 1e16: an identifier that has been binary floating point on its way. Codes such as
# 1E5 pass: no program writes numbers in this way.
_FLOAT = (
    r"[+-]?(?:(?:[0-9]+[.,][0-9]*|[.,][0-9]+)(?:e[+-]?[0-9]+)?|[0-9]+e(?:[+-][0-9]+|[0-9]{2,}))"
)
# As JSON and Python write them; TRUE is the code of a share.
_TRUTH = r"(?-i:[Tt]rue|[Ff]alse)"
_INVISIBLE = r"[\p{C}\p{Zl}\p{Zp}]|[\p{Nd}&&[^0-9]]"
_IDENTIFIER_KIND = (
    "but a number with decimals or an exponent, a mark of a missing value, true or false, or text "
    "with invisible characters or digits of another script; export it as plain text"
)
_NO_IDENTIFIER = rf"(?i)\A(?:{_MISSING}|{_TRUTH}|{_FLOAT})\z|{_INVISIBLE}"


@dataclass(frozen=True)
class Flag:
    """One rule of a column: an expression that is true where a row breaks it."""

    column: SourceColumn
    reason: RowReason
    sentence: str
    broken: pl.Expr


def all_flags(source: Source, dates: DateLimits | None) -> Iterator[Flag]:
    """Every rule of a source, on the columns of `with_values`; those on the object's dates if its
    limits are known."""
    for column in source.columns:
        contract = source.table[column.target]
        text = pl.col(f"text {column.target}")
        if not contract.nullable:
            yield _flag(RowReason.MISSING_REQUIRED, column, text.is_null())
        if column.pattern is not None:
            matches = text.str.contains(whole(column.pattern))
            yield _flag(RowReason.INVALID_IDENTIFIER, column, ~matches, "of the declared form")
        elif contract.is_identifier:
            is_none = text.str.contains(_NO_IDENTIFIER)
            yield _flag(RowReason.INVALID_IDENTIFIER, column, is_none, _IDENTIFIER_KIND)
        if isinstance(contract.dtype, NUMBERS):
            yield from _number_flags(source, column, contract)
            if contract.is_year:
                value = pl.col(f"value {column.target}")
                is_outside = ~value.is_between(pl.lit(contract.minimum), pl.lit(contract.maximum))
                yield from _limit_flags(column, contract, value, is_outside, dates)
        elif is_date(contract.dtype):
            yield from _date_flags(source, column, contract, dates)
        elif isinstance(contract.dtype, pl.Boolean):
            is_unclear = ~text.str.contains(BOOLEAN)
            yield _flag(RowReason.UNPARSEABLE_BOOLEAN, column, is_unclear)


def _flag(reason: RowReason, column: SourceColumn, broken: pl.Expr, kind: str = "") -> Flag:
    sentence = ROW_SENTENCES[reason].format(column=column.name, kind=kind)
    return Flag(column, reason, sentence, broken)


def _number_flags(source: Source, column: SourceColumn, contract: Column) -> Iterator[Flag]:
    """Judged by the exact number, which may have more digits than the value."""
    text = pl.col(f"text {column.target}")
    value = pl.col(f"value {column.target}")
    syntax, kind = number_syntax(column, contract.dtype)
    is_number = text.str.contains(syntax)
    is_non_finite = text.str.contains(_NON_FINITE)
    yield _flag(RowReason.UNPARSEABLE_NUMBER, column, ~is_number & ~is_non_finite, kind)
    yield _flag(RowReason.NON_FINITE_NUMBER, column, is_non_finite)

    has_minus = text.str.starts_with("-")
    has_more = is_number & exceeds_value(column, contract)
    is_zero = ((value == 0) & ~has_more).fill_null(value=False)
    if isinstance(contract.dtype, pl.Decimal):
        yield _flag(RowReason.TOO_MANY_DECIMALS, column, has_more)
    is_out_of_range = is_number & value.is_null()
    minimum, maximum = believable(column, contract)
    if minimum is not None:
        is_out_of_range |= value < pl.lit(minimum)
        is_out_of_range |= (value == pl.lit(minimum)) & has_more & has_minus
    if maximum is not None:
        is_out_of_range |= value > pl.lit(maximum)
        is_out_of_range |= (value == pl.lit(maximum)) & has_more & ~has_minus
    if isinstance(contract.dtype, pl.Float64):
        is_out_of_range |= has_more | value.is_infinite()
    if contract.least is not None:
        is_out_of_range |= (value != 0) & (value.abs() < pl.lit(contract.least))
    yield _flag(RowReason.NUMBER_OUT_OF_RANGE, column, is_out_of_range)
    if contract.above is not None:
        yield _flag(RowReason.NON_POSITIVE_PRICE, column, is_number & (has_minus | is_zero))
    if column.target == "quantity":
        is_negative = is_number & has_minus & ~is_zero
        is_positive = is_number & ~has_minus & ~is_zero
        yield _flag(RowReason.ZERO_QUANTITY, column, is_zero)
        if source.returns is None:
            yield _flag(RowReason.NEGATIVE_QUANTITY, column, is_negative)
        else:
            is_contradiction = cancels(source, pl.col("text order_id")) & is_positive
            yield _flag(RowReason.CONTRADICTORY_CANCELLATION, column, is_contradiction)


def _date_flags(
    source: Source, column: SourceColumn, contract: Column, dates: DateLimits | None
) -> Iterator[Flag]:
    text, dtype = pl.col(f"text {column.target}"), contract.dtype
    value = pl.col(f"value {column.target}")
    utc = to_utc(source, column, value)
    form = date_format(source, dtype)
    is_overlong = pl.lit(value=False)
    if not column.is_time:
        is_overlong = text.str.contains(whole(overlong_form(form)))
    is_unparseable = text.is_not_null() & value.is_null() & ~is_overlong
    yield _flag(RowReason.UNPARSEABLE_DATE, column, is_unparseable, shown_form(form))
    is_outside = pl.lit(value=False)
    years = ""
    if isinstance(contract.minimum, date) and isinstance(contract.maximum, date):
        years = f"{contract.minimum.year} to {contract.maximum.year}"
        is_outside = ~utc.is_between(pl.lit(contract.minimum), pl.lit(contract.maximum))
    is_outside = is_overlong | is_outside.fill_null(value=False)
    yield _flag(RowReason.DATE_OUT_OF_RANGE, column, is_outside, years)
    yield from _limit_flags(column, contract, utc, is_outside, dates)
    if isinstance(dtype, pl.Datetime):
        is_skipped = value.is_not_null() & utc.is_null()
        yield _flag(RowReason.NONEXISTENT_LOCAL_TIME, column, is_skipped)


def _limit_flags(
    column: SourceColumn,
    contract: Column,
    value: pl.Expr,
    is_outside: pl.Expr,
    dates: DateLimits | None,
) -> Iterator[Flag]:
    """The limits of the object's dates, for values that are not outside of the contract's range."""
    if dates is None:
        return
    latest = f"{dates.latest:%Y-%m-%d %H:%M:%S} UTC"
    is_late = ~is_outside & dates.is_late(value, contract.dtype)
    yield _flag(RowReason.DATE_AFTER_UPLOAD, column, is_late, latest)
    is_far = ~is_outside & dates.is_far(value, contract.dtype)
    days = f"{dates.first_day} to {dates.last_day}"
    yield _flag(RowReason.DATE_FAR_FROM_REST, column, is_far, days)
