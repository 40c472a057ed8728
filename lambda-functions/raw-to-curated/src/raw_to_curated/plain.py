"""The form in which nearly all rows are, typed by cheap expressions."""

from __future__ import annotations

from dataclasses import dataclass

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
_IS_CANCELLATION = "is_cancellation"
_LOOKED_AT = 1_000


@dataclass(frozen=True)
class _PlainColumn:
    """How the source's column `name` is typed: its `value <target>`, and what follows from the two,
    such as `sure <target>`, whether the value is what the rules say."""

    name: str
    value: pl.Expr
    follows: list[pl.Expr]


class PlainForm:
    """The plain form of a source's rows."""

    def __init__(self, source: Source, columns: list[_PlainColumn]) -> None:
        self._columns = columns
        self._names = [f"value {column.target}" for column in source.columns]
        self._is_plain = pl.all_horizontal(f"sure {column.target}" for column in source.columns)
        self._constant = []
        if source.returns is None:
            self._constant = [pl.lit(value=False).alias(_IS_CANCELLATION)]
        else:
            self._is_plain &= (pl.col("value quantity") < 0) | ~pl.col(_IS_CANCELLATION)

    def rows(self, rows: pl.DataFrame) -> pl.DataFrame:
        """LINE_NUMBER, `value <target>` of every column, `is_cancellation`, and IS_PLAIN, which is
        true only where the rules would give the same values and find nothing."""
        of_runs: list[pl.Series] = []
        others: list[_PlainColumn] = []
        for column in self._columns:
            if _comes_in_runs(rows[column.name]):
                of_runs += _typed_by_run(rows[column.name], column)
            else:
                others.append(column)
        return (
            rows.with_columns(*of_runs, *self._constant)
            .lazy()
            .with_columns(column.value for column in others)
            .with_columns(expression for column in others for expression in column.follows)
            .select(LINE_NUMBER, *self._names, _IS_CANCELLATION, self._is_plain.alias(IS_PLAIN))
            .collect()
        )


def plain_form(source: Source, dates: DateLimits) -> PlainForm | None:
    """None where the source has a column for which there is no cheap expression."""
    found = [_plain_column(source, column, dates) for column in source.columns]
    columns = [column for column in found if column is not None]
    return PlainForm(source, columns) if len(columns) == len(found) else None


def _comes_in_runs(values: pl.Series) -> bool:
    """Whether most values repeat the one before, as order, time and customer do in the lines of an
    order."""
    first = values.head(_LOOKED_AT)
    return 2 * first.rle_id().n_unique() < first.len()


def _typed_by_run(values: pl.Series, column: _PlainColumn) -> list[pl.Series]:
    """What is made of a column, of each run of equal values once."""
    runs = values.rle().struct.field("value").alias(column.name).to_frame()
    typed = runs.with_columns(column.value).with_columns(column.follows).drop(column.name)
    return typed[values.rle_id()].get_columns()


def _plain_column(source: Source, column: SourceColumn, dates: DateLimits) -> _PlainColumn | None:
    contract = source.table[column.target]
    found = _value_and_sureness(source, column, contract, dates)
    if found is None:
        return None
    value, is_sure = found
    missing = pl.col(column.name).is_null() if contract.nullable else pl.lit(value=False)
    follows = [is_sure.fill_null(missing).alias(f"sure {column.target}")]
    if source.returns is not None and column.target == "order_id":
        is_cancellation = cancels(source, pl.col(f"value {column.target}"))
        follows.append(is_cancellation.alias(_IS_CANCELLATION))
    return _PlainColumn(column.name, value.alias(f"value {column.target}"), follows)


def _value_and_sureness(
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
        is_sure = _in_range(source, column, contract, value)
        if contract.is_year:
            is_sure &= ~dates.is_late(value, dtype) & ~dates.is_far(value, dtype)
        return raw.cast(pl.Int64, strict=False), is_sure
    if isinstance(dtype, pl.Decimal) and dtype.precision is not None:
        whole_digits = dtype.precision - dtype.scale
        form = rf"\A-?[0-9]{{1,{whole_digits}}}(?:\.[0-9]{{1,{dtype.scale}}})?\z"
        is_sure = raw.str.contains(form) & _in_range(source, column, contract, value)
        return raw.cast(dtype, strict=False), is_sure
    if is_date(dtype):
        is_sure = _in_range(source, column, contract, value)
        is_sure &= ~dates.is_late(value, dtype) & ~dates.is_far(value, dtype)
        if column.is_time:
            return to_utc(source, column, raw), is_sure
        parsed = to_utc(source, column, parse_date(source, dtype, raw))
        return pl.when(has_date_form(source, dtype, raw)).then(parsed), is_sure
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
